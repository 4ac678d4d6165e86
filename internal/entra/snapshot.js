(() => {
  const config = window.$Config || window.ServerData || {};
  const text = (value) => (value === undefined || value === null ? "" : String(value));

  // Inputs of the other step are always in the page, moved off screen with opacity 0:
  // according to display and visibility alone, they would be visible.
  const shown = (el) =>
    el.getClientRects().length > 0 &&
    el.checkVisibility({ opacityProperty: true, visibilityProperty: true }) &&
    !el.closest(".moveOffScreen, [aria-hidden=true]");

  const visible = [...document.querySelectorAll("[id]")].filter(shown);
  const ids = visible.map((el) => el.id).slice(0, 300);
  for (const el of document.querySelectorAll("input[type=checkbox][id]:checked")) ids.push("checked:" + el.id);
  for (const el of document.querySelectorAll("input[name], button[name]")) {
    if (shown(el)) ids.push("name:" + el.name);
  }
  if (document.querySelector("form[name=hiddenform]")) ids.push("form:hiddenform");
  if ([...document.querySelectorAll("input[type=password]")].some(shown)) ids.push("type:password");
  if ([...document.querySelectorAll('a[data-bind*="SkipMfaRegistration" i]')].some(shown)) ids.push("link:skip");
  if ([...document.querySelectorAll('#idSIButton9[aria-describedby*="landingDescription" i]')].some(shown)) {
    ids.push("link:landing");
  }

  const running = (el) =>
    el.getAnimations({ subtree: true }).some((a) => {
      const timing = a.effect && a.effect.getComputedTiming();
      return a.playState === "running" && timing && timing.iterations !== Infinity;
    });
  const views = [...document.querySelectorAll("[data-viewid]")].filter(
    (el) => el.getClientRects().length > 0);
  const busy =
    views.length > 1 ||
    [...document.querySelectorAll(".lightbox-cover.disable-lightbox")].some(
      (el) => el.getClientRects().length > 0) ||
    [...document.querySelectorAll(".pagination-view")].some(
      (el) => el.classList.contains("zero-opacity") || running(el));

  const quote = (value) => JSON.stringify(value);
  const choices = [];
  const tiles = (kind, selector, attribute) => {
    const seen = {};
    for (const el of document.querySelectorAll(selector)) {
      if (!shown(el)) continue;
      const value = el.getAttribute(attribute);
      const nth = (seen[value] = (seen[value] || 0) + 1) - 1;
      choices.push({
        kind, value, nth,
        label: el.innerText.trim().slice(0, 200),
        select: selector.replace(/\[[^\]]*\]$/, "") + `[${attribute}=${quote(value)}]`,
      });
    }
  };
  tiles("account", "#tilesHolder [data-test-id]", "data-test-id");
  tiles("method", "#idDiv_SAOTCS_Proofs [data-value]", "data-value");
  tiles("credential", "#credentialList [data-test-cred-id]", "data-test-cred-id");

  const content = (...selectors) => {
    for (const selector of selectors) {
      const el = document.querySelector(selector);
      if (el && shown(el)) return el.textContent.replace(/[\u200e\u200f]/g, "").trim();
    }
    return "";
  };

  const proofs = Array.isArray(config.arrUserProofs) ? config.arrUserProofs : [];
  const phone = ((config.oGetCredTypeResult || {}).Credentials || {}).RemoteNgcParams;

  const exception = text(config.strServiceExceptionMessage) || content("#service_exception_message");
  const aadsts = /AADSTS(\d+)/.exec(exception);
  const failed = window.loadTimeDataRaw && window.loadTimeDataRaw.errorCode;
  const code = aadsts ? aadsts[1] : text(config.sErrorCode || config.iErrorCode) || text(failed);
  const meta = document.querySelector('meta[name="PageID" i]');
  const skip = () => {
    if (!config.urlSkipMfaRegistration) return "";
    try {
      const link = new URL(config.urlSkipMfaRegistration, location.href);
      return link.origin === location.origin ? link.href : ""; // never an address on another host
    } catch {
      return ""; // no valid address; the snapshot does not depend on it
    }
  };
  const background = performance.getEntriesByType("resource").filter(
    (entry) => /\/(GetCredentialType|SAS\/BeginAuth|SAS\/EndAuth)\b/.test(entry.name) && entry.responseEnd > 0);

  return {
    url: location.origin + location.pathname,
    host: location.host.toLowerCase(),
    ready: document.readyState !== "loading" && !!document.body &&
      document.body.getClientRects().length > 0 && !busy,
    pageId: text(config.pgid) || (meta ? meta.content : ""),
    errorCode: code === "50058" || code === "0" ? "" : code, // 50058: no session yet, as usual on the first page
    errorText: (exception || content("#usernameError", "#passwordError", "#i0116Error", "#i0118Error",
      "#idSpan_SAOTCC_Error_OTC", "#idDiv_SAOTCC_ErrorMsg_OTC", "#errorText")).slice(0, 400),
    ids,
    number: content("#idRichContext_DisplaySign", "#idRemoteNGC_DisplaySign"),
    choices,
    proofs: proofs.map((p) => ({ method: text(p.authMethodId), label: text(p.display).slice(0, 100), default: p.isDefault === true })),
    begun: phone && phone.Entropy !== undefined && phone.Entropy !== null
      ? { method: "RemoteNGC", number: phone.Entropy > 0 ? text(phone.Entropy) : "" } : {},
    passkey: !!config.sFidoChallenge && location.pathname.includes("/fido/"),
    account: content("#displayName"),
    detail: content("#idDiv_SAOTCC_Description", "#idDiv_SAOTCAS_Description",
      "#idDiv_RemoteNGC_PollingDescription").slice(0, 300),
    trace: text(config.correlationId),
    view: views.length === 1 ? text(views[0].getAttribute("data-viewid")) : "",
    skip: skip(),
    document: Math.round(performance.timeOrigin),
    answers: background.length,
    failed: background.length > 0 &&
      !(background[background.length - 1].responseStatus >= 200 &&
        background[background.length - 1].responseStatus < 400),
  };
})()
