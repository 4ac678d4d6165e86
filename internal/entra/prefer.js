// A page of multifactor authentication begins with the method that its
// settings call the default. The preferred one is made the default
// before the page reads them, so that no other phone rings.
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
        // The page starts its default; the driver opens the list of methods.
      }
      Object.defineProperty(window, "$Config", { value, configurable: true, enumerable: true, writable: true });
    },
  });
}
