// Answers each sign-in page as soon as its element is ready.
(() => {
  const answers = [["#i0116", "USERNAME"], ["#i0118", "PASSWORD"], ["#KmsiDescription", ""]];
  const ready = (selector) => {
    const views = document.querySelectorAll(".pagination-view");
    const el = document.querySelector(selector);
    return views.length === 1 && !views[0].classList.contains("animate") && el && el.getClientRects().length > 0 &&
      !el.closest(".moveOffScreen") && !document.querySelector(".disable-lightbox");
  };
  let last = null;
  const look = () => {
    for (const [selector, text] of answers) {
      const el = document.querySelector(selector);
      if (!ready(selector) || el === last) continue;
      last = el;
      if (text) {
        el.value = text;
        el.dispatchEvent(new InputEvent("input", { bubbles: true }));
      }
      document.querySelector(text ? "#idSIButton9" : "#idBtn_Back").click();
      return;
    }
  };
  new MutationObserver(look).observe(document, { subtree: true, childList: true, attributes: true });
})();
