(() => {
  // Without a window nobody can touch a key: the page is told so at once, as a
  // browser does when the person declines, instead of waiting for minutes.
  if (!navigator.credentials) return;
  const declined = () => Promise.reject(new DOMException("The operation is not allowed here.", "NotAllowedError"));
  navigator.credentials.get = declined;
  navigator.credentials.create = declined;
  // The script of a service worker would be requested as a headless browser.
  delete Navigator.prototype.serviceWorker;
  // A page that sees no support for passkeys offers its other ways by itself.
  delete window.PublicKeyCredential;
})();
