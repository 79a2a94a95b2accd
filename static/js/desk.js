// A desk locks by one key, and by itself when nobody was there; what was being typed goes with it and is kept (R17, R38).
(function () {
  var lock = document.getElementById("lock"), until = Date.now() + lock.dataset.after * 1000, typing = document.querySelector("form[data-typed]");
  function close(by) {
    if (typing && typing.isConnected && typing !== lock) {
      lock.elements.typed.value = JSON.stringify({
        path: new URL(typing.action).pathname,
        fields: Array.from(new FormData(typing)).filter(function (field) { return typeof field[1] === "string"; })
      });
    }
    lock.elements.by.value = by;
    document.documentElement.hidden = true;
    lock.submit();
  }
  function look() { if (Date.now() >= until) { until = Infinity; close("time"); } }
  document.addEventListener("input", function (event) {
    var form = event.target.form;
    if (form && form.method === "post") typing = form;
  });
  document.addEventListener("keydown", function (event) {
    if (event.key === "F9" && !event.ctrlKey && !event.altKey && !event.metaKey) { event.preventDefault(); close("key"); }
  });
  lock.addEventListener("submit", function (event) { event.preventDefault(); close("press"); });
  setInterval(look, 1000);
  document.addEventListener("visibilitychange", look);
  // A page that the browser kept in memory is asked for again, so that a locked desk shows nothing.
  window.addEventListener("pageshow", function (event) { if (event.persisted) location.reload(); });
})();
