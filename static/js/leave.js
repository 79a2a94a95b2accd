// Leaving fast: the page is blank before the network is asked; Shift pressed three times does the same (R4).
(function () {
  var doc = document, shifts = [], since = Date.now(), idle = doc.getElementById("idle"), faults = doc.getElementById("faults");
  function leave() {
    doc.documentElement.hidden = true;
    doc.documentElement.textContent = doc.title = "";
    location.replace("/leave");
  }
  doc.addEventListener("click", function (event) {
    var link = event.target.closest && event.target.closest(".leave");
    if (link) { event.preventDefault(); leave(); }
  });
  doc.addEventListener("keydown", function (event) {
    if (event.key !== "Shift") { shifts = []; return; }
    if (event.repeat) return;
    var now = Date.now();
    shifts = shifts.filter(function (at) { return now - at < 5000; }).concat(now);
    if (shifts.length === 3) leave();
  });
  // A page from the browser's memory is asked for again: an ended session shows nothing.
  addEventListener("pageshow", function (event) { if (event.persisted) location.reload(); });
  // Time nearly over: say so, one press stays. Over: go, unless unsent words stand here (R15).
  function over() {
    var unsent = [].some.call(doc.querySelectorAll("input,textarea"), function (it) { return it.value !== it.defaultValue; });
    if (!unsent) location.replace("/sign-in?over=1");
  }
  function look() {
    var gone = (Date.now() - since) / 1000;
    idle.firstChild.hidden = gone < idle.dataset.warn;
    if (gone >= idle.dataset.end) over();
  }
  if (idle) {
    setInterval(look, 2000);
    idle.onclick = function () {
      fetch("/stay").then(function (answer) {
        if (answer.status !== 204) return over();
        since = Date.now();
        look();
      });
    };
  }
  if (faults) faults.focus();
})();
