// Open pages keep themselves fresh, and show what is being written as on her screen.
(function () {
  var live = document.querySelector("[data-live]"), said = document.getElementById("said");
  var wait = 15000, timer, over;
  function end() {
    over = true;
    // Whoever is signed out leaves no names and words on the screen; what was being typed stays.
    document.querySelectorAll("bdi,[data-live]").forEach(function (node) { node.textContent = ""; });
    said.textContent = "Signed out. Sign in again, then come back here.";
  }
  function show(html) {
    if (live.contains(document.activeElement)) return;
    live.innerHTML = html;
    said.textContent = "Something new, " + new Date().toTimeString().slice(0, 5);
  }
  function ask() {
    clearTimeout(timer);
    if (document.hidden || over) return;
    fetch(live.dataset.live + live.firstElementChild.dataset.version, { redirect: "manual" }).then(function (answer) {
      // A desk that has locked leaves no page open.
      if (answer.status === 401) { over = document.documentElement.hidden = true; return location.replace("/staff/locked"); }
      if (!answer.status || [403, 404].includes(answer.status)) return end();
      if (answer.status >= 400) throw answer;
      wait = 15000;
      if (answer.status === 200) return answer.text().then(show);
    }).catch(function () { wait = Math.min(wait * 2, 240000); }).then(function () { timer = setTimeout(ask, wait); });
  }
  if (live) {
    document.addEventListener("visibilitychange", ask);
    timer = setTimeout(ask, wait);
  }
  document.querySelectorAll("[data-preview]").forEach(function (form) {
    var turn = 0, pause;
    function see() {
      var own = ++turn, sent = { method: "POST", redirect: "manual", body: new URLSearchParams(new FormData(form)) };
      fetch(form.dataset.preview, sent).then(function (answer) {
        return answer.ok && answer.text().then(function (html) {
          if (own === turn) document.getElementById("preview").innerHTML = html;
        });
      }).catch(function () {});
    }
    form.addEventListener("input", function () { clearTimeout(pause); pause = setTimeout(see, 400); });
  });
})();
