// Keys at the desk: h hides every name at once, / goes to the search.
(function () {
  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
    var hide = document.getElementById("hide"), find = document.getElementById("find");
    if (event.key === "h" && hide) {
      document.querySelectorAll(".name").forEach(function (node) { node.textContent = "Hidden"; });
      location.assign(hide.href);
    } else if (event.key === "/" && find) {
      event.preventDefault();
      find.focus();
    }
  });
})();
