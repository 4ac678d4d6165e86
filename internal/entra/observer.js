(() => {
  // One call for a burst of mutations, because the driver reads the whole page anyway.
  if (window.top !== window.self) return;
  let pending = false;
  const tell = () => {
    if (pending) return;
    pending = true;
    setTimeout(() => {
      pending = false;
      if (typeof window.__o365awsChanged === "function") window.__o365awsChanged("");
    }, 20);
  };
  const watch = () => new MutationObserver(tell).observe(document, {
    subtree: true, childList: true, attributes: true, characterData: true,
  });
  watch();
  for (const name of ["DOMContentLoaded", "load", "animationend", "transitionend"]) {
    window.addEventListener(name, tell, true);
  }
})();
