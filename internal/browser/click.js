(selector, nth) => {
  const shown = [...document.querySelectorAll(selector)].filter(
    (el) => el.getClientRects().length > 0 &&
      el.checkVisibility({ opacityProperty: true, visibilityProperty: true }));
  const el = shown[nth];
  if (!el) return { done: false, why: "no such element" };
  if (el.disabled) return { done: false, why: "it is disabled" };
  el.scrollIntoView({ block: "center", behavior: "instant" });
  const box = el.getBoundingClientRect();
  const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  if (top && top !== el && !el.contains(top) && !top.contains(el)) return { done: false, why: "it is covered" };
  // Click after this evaluation, so that a navigation does not abort it.
  setTimeout(() => el.isConnected && el.click(), 0);
  return { done: true };
}
