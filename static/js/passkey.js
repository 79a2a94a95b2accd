// Passkeys of staff: asks the server for a challenge and the device for its answer, then sends the form with it.
(function () {
  if (!window.PublicKeyCredential) return;
  function bytes(text) {
    var plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, function (letter) { return letter.charCodeAt(0); });
  }
  function words(buffer) {
    var plain = String.fromCharCode.apply(null, new Uint8Array(buffer));
    return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }
  function read(options) {
    options.challenge = bytes(options.challenge);
    if (options.user) options.user.id = bytes(options.user.id);
    (options.allowCredentials || options.excludeCredentials || []).forEach(function (one) { one.id = bytes(one.id); });
    return options;
  }
  function written(made) {
    var response = {};
    ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"].forEach(function (name) {
      if (made.response[name]) response[name] = words(made.response[name]);
    });
    return JSON.stringify({ id: made.id, rawId: words(made.rawId), type: made.type, response: response });
  }
  document.querySelectorAll("[data-passkey]").forEach(function (place) {
    var data = place.dataset, form = place.closest("form"), said = place.querySelector("[role=status]");
    place.hidden = false;
    place.querySelector("button").addEventListener("click", function () {
      var first = data.passkey === "create" && form.elements.password;
      if (first && !first.reportValidity()) return;
      said.textContent = "";
      var sent = { csrf_token: form.elements.csrf_token.value, "for": data.for, token: data.token || "" };
      fetch("/staff/sign-in/challenge", { method: "POST", redirect: "manual", body: new URLSearchParams(sent) })
        .then(function (answer) { return answer.ok ? answer.json() : Promise.reject(answer); })
        .then(function (options) { return navigator.credentials[data.passkey]({ publicKey: read(options) }); })
        .then(function (made) {
          form.elements[data.into].value = written(made);
          form.submit();
        })
        .catch(function (fault) {
          said.textContent = fault.name === "InvalidStateError"
            ? "This device has a passkey of yours already."
            : "No passkey was used. Try again, or use another way.";
        });
    });
  });
})();
