// An MFA page starts with the default method in its settings. This script makes the
// preferred method the default before the page reads the settings, so that no other phone
// is notified.
(preferred, digits, rings) => {
  if (window.top !== window.self) return;
  const method = (proof) => String(proof.authMethodId).toLowerCase();
  const ending = (proof) => /([0-9]*)[^0-9]*$/.exec(String(proof.display))[1];
  const prefer = (config) => {
    const proofs = config && config.arrUserProofs;
    if (!Array.isArray(proofs)) return;
    const fitting = proofs.filter((p) => preferred.includes(method(p)) && ending(p).endsWith(digits));
    for (const p of proofs) {
      if (fitting.length === 1) p.isDefault = p === fitting[0];
      else if (rings.includes(method(p))) p.isDefault = false;
    }
  };
  let settings;
  Object.defineProperty(window, "$Config", {
    configurable: true,
    enumerable: true,
    get: () => settings,
    set: (value) => {
      settings = value;
      try {
        prefer(value);
      } catch {
        // The page starts its own default, and the driver opens the list of methods.
      }
      Object.defineProperty(window, "$Config", { value, configurable: true, enumerable: true, writable: true });
    },
  });
}
