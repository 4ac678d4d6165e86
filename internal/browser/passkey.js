(() => {
  // Without a window, the user cannot use a security key. The page gets an error
  // immediately, as when the user declines, instead of waiting for minutes.
  if (!navigator.credentials) return;
  const declined = () => Promise.reject(new DOMException("The operation is not allowed here.", "NotAllowedError"));
  navigator.credentials.get = declined;
  navigator.credentials.create = declined;
  // The browser would request the script of a service worker with a headless user agent.
  delete Navigator.prototype.serviceWorker;
  // A page that detects no support for passkeys offers its alternatives automatically.
  delete window.PublicKeyCredential;
})();
