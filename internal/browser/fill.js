(selector, text, hosts) => {
  const host = location.host.toLowerCase();
  if (window.top !== window.self) return { host, why: "it is inside of another page" };
  if (location.protocol !== "https:") return { host: host || location.protocol, why: "it is not https" };
  if (!hosts.includes(host)) return { host, why: "it is not one of the hosts that may" };
  const input = [...document.querySelectorAll(selector)].find(
    (el) => el.getClientRects().length > 0 && !el.disabled && !el.closest(".moveOffScreen, [aria-hidden=true]"));
  if (!input) return { done: false, why: "no such input" };
  if (input.readOnly) return { done: false, why: "the input is read-only" };
  input.focus();
  input.select();
  // Simulates typing: fires the input events that the page's own script handles.
  if (!document.execCommand("insertText", false, text) || input.value !== text) {
    const own = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value");
    own.set.call(input, text);
    input.dispatchEvent(new InputEvent("input", { bubbles: true, inputType: "insertText" }));
  }
  input.dispatchEvent(new Event("change", { bubbles: true }));
  return { done: input.isConnected && input.value === text, why: "the input did not take the text" };
}
