// Leaving fast: the page is blank before the network is asked, and pressing Shift three times does the same (R4).
(function () {
  var shifts = [];
  function leave() {
    document.documentElement.hidden = true;
    document.documentElement.textContent = "";
    document.title = "";
    location.replace("/leave");
  }
  document.addEventListener("click", function (event) {
    var link = event.target.closest && event.target.closest(".leave");
    if (link) { event.preventDefault(); leave(); }
  });
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Shift") { shifts = []; return; }
    if (event.repeat) return;
    var now = Date.now();
    shifts = shifts.filter(function (at) { return now - at < 5000; }).concat(now);
    if (shifts.length === 3) leave();
  });
  // A page that the browser kept in memory is asked for again, so that an ended session shows nothing.
  window.addEventListener("pageshow", function (event) { if (event.persisted) location.reload(); });
  var faults = document.getElementById("faults");
  if (faults) faults.focus();
})();
