// Leaving fast: the page is blank before the network is asked; Shift pressed three times does the same (R4).
(function () {
  var page = document.documentElement, presses = [], alone, tabs = window.BroadcastChannel && new BroadcastChannel("leave");
  function leave(event) {
    page.hidden = true;
    // Even where the line is dead, the tab and a reload show nothing but the front page; her other tabs go too.
    if (history.replaceState) history.replaceState(0, "", "/");
    page.textContent = document.title = "";
    if (tabs && event) tabs.postMessage(0);
    location.replace("/leave");
  }
  if (tabs) tabs.onmessage = function () { leave(0); };
  document.addEventListener("click", function (event) {
    if (event.target.closest && event.target.closest("a[href='/leave']")) { event.preventDefault(); leave(event); }
  });
  // Only Shift pressed and let go by itself counts; held for a capital, Tab, a selection or a click it never does.
  function other() { alone = false; presses = []; }
  addEventListener("keydown", function (event) {
    if (event.key !== "Shift" || event.ctrlKey || event.altKey || event.metaKey) other();
    else if (!event.repeat) alone = !alone;
  }, true);
  addEventListener("keyup", function (event) {
    if (event.key !== "Shift" || !alone) return other();
    alone = false;
    presses = presses.concat(event.timeStamp).slice(-3);
    if (presses[2] - presses[0] < 5000) leave(event);
  }, true);
  ["mousedown", "touchstart", "wheel", "input", "blur"].forEach(function (name) { addEventListener(name, other, true); });
  // A page that the browser keeps in memory is blank there and asked for again, so that an ended session shows nothing.
  addEventListener("pagehide", function () { page.hidden = true; });
  addEventListener("pageshow", function (event) { if (event.persisted) location.reload(); });
  // Time nearly over: say so, one press stays. Over: go, unless unsent words stand here (R15);
  // where the device is not hers, only while somebody types.
  var idle = document.getElementById("idle"), since = Date.now(), typed = since, faults = document.getElementById("faults");
  function over() {
    var unsent = [].some.call(document.querySelectorAll("input,textarea"), function (it) { return it.value !== it.defaultValue; });
    if (!unsent || "shared" in idle.dataset && Date.now() - typed >= idle.dataset.end * 1000) location.replace("/sign-in?over=1");
  }
  function look() {
    var gone = (Date.now() - since) / 1000;
    idle.firstChild.hidden = gone < idle.dataset.warn;
    if (gone >= idle.dataset.end) over();
  }
  if (idle) {
    setInterval(look, 2000);
    addEventListener("input", function () { typed = Date.now(); }, true);
    idle.onclick = function () {
      // The Refresh header of a page without a form runs on until it is loaded anew.
      if (!document.forms.length) return location.reload();
      // A busy server is no answer: she may press again. Old phones know no fetch.
      var asked = new XMLHttpRequest();
      asked.open("GET", "/stay");
      asked.onload = function () {
        if (asked.status === 204) {
          since = Date.now();
          look();
        } else if (asked.status < 400) over();
      };
      asked.send();
    };
  }
  if (faults) faults.focus();
})();
