// The client script of the sign-in pages: builds the page from $Config as the
// real one does, with its element ids, view switches and background requests.
(() => {
  const C = window.$Config;
  const words = {
    "en-US": { title: "Sign in to your account", next: "Next", signin: "Sign in", yes: "Yes", no: "No", verify: "Verify", bad: "That is not right." },
    "de-DE": { title: "Bei Ihrem Konto anmelden", next: "Weiter", signin: "Anmelden", yes: "Ja", no: "Nein", verify: "Überprüfen", bad: "Das stimmt nicht." },
    "ja-JP": { title: "アカウントにサインイン", next: "次へ", signin: "サインイン", yes: "はい", no: "いいえ", verify: "検証", bad: "正しくありません。" },
  }[C.locale.mkt];
  document.title = words.title;

  // ---- elements -----------------------------------------------------------
  // Handlers are bound some time after their view appears: until then a click
  // has no effect, and the view model does not see what is typed.
  let boundAt = 0;
  const whenBound = (handler) => (e) => {
    if (performance.now() >= boundAt) handler(e);
    else e.preventDefault();
  };
  const el = (tag, attributes, ...children) => {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (typeof value === "function") node.addEventListener(name, whenBound(value));
      else if (value !== false && value !== undefined) node.setAttribute(name, value === true ? "" : value);
    }
    node.append(...children.filter((c) => c !== undefined && c !== false));
    return node;
  };
  const hidden = (name, value) => el("input", { type: "hidden", name, value: value === undefined ? "" : value });
  const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

  // The view model: what counts on submit is what the input events said.
  const model = {};
  const bound = (attributes, key) =>
    el("input", Object.assign({ input: (e) => { model[key] = e.target.value; } }, attributes));
  const offScreen = (attributes) =>
    el("input", Object.assign({ class: "moveOffScreen", tabindex: -1, "aria-hidden": "true" }, attributes));

  const cover = el("div", { class: "lightbox-cover" });
  const main = el("div", { role: "main" });
  const box = el("div", { id: "lightbox", class: "sign-in-box" }, cover, main);
  const busy = (on) => cover.classList.toggle("disable-lightbox", on);

  // What belongs to the user can stand in any name and text of a page.
  const planted = (value) =>
    el("span", { id: value, class: value, title: value, style: "position:absolute;font-size:1px;color:transparent" }, value);

  // ---- views --------------------------------------------------------------
  // A new view slides in while the old one slides out; only then its inputs
  // are the ones that last: those shown during the switch are replaced.
  let shown = null;
  const show = async (number, component, build) => {
    await sleep(60); // the chunk with the view is loaded
    const pane = el("div", { class: "pagination-view" + (C.sPOST_Username ? " has-identity-banner" : "") },
      el("div", { "data-viewid": number, "data-bind": `component: { name: '${component}' }` }, ...build()));
    const old = shown;
    shown = pane;
    boundAt = performance.now() + C.lateHandlers;
    if (!old) { main.append(pane); return; }
    old.classList.add("animate", "slide-out-next");
    pane.classList.add("animate", "slide-in-next");
    main.append(pane);
    await sleep(260);
    old.remove();
    pane.classList.remove("animate", "slide-in-next");
    for (const input of pane.querySelectorAll("input:not([type=submit]):not([type=hidden]):not(.moveOffScreen)")) {
      const fresh = input.cloneNode(true);
      fresh.value = "";
      delete model[input.dataset.key];
      fresh.addEventListener("input", whenBound((e) => { model[fresh.dataset.key] = e.target.value; }));
      input.replaceWith(fresh);
    }
  };
  const banner = () => el("div", { class: "identityBanner" },
    el("button", { type: "button", id: "idBtn_Back", class: "backButton" }, "←"), el("div", { id: "displayName" }, C.sPOST_Username || ""));
  const header = (text) => el("div", { id: "loginHeader", role: "heading" }, text);
  const alertBox = (id, text) => el("div", { role: "alert", "aria-live": "assertive" }, text ? el("div", { id, class: "alert-error" }, text) : "");
  const primary = (value, click, visible = true) =>
    el("input", { type: "submit", id: "idSIButton9", value, class: "primary", style: visible ? undefined : "display: none", click: (e) => { e.preventDefault(); click && click(); } });
  const tile = (attributes, label, click) => el("div", { role: "listitem" }, el("div", Object.assign({ class: "table", role: "button", click }, attributes), label));

  // ---- talking to the server ------------------------------------------------
  const headers = () => ({
    Accept: "application/json", canary: C.apiCanary, "client-request-id": C.correlationId,
    hpgact: String(C.hpgact), hpgid: String(C.hpgid), hpgrequestid: C.sessionId,
  });
  const send = async (url, body, method = "POST", extra = {}) => {
    const answer = await fetch(url, {
      method, credentials: "same-origin", body: body && JSON.stringify(body),
      headers: Object.assign(headers(), body ? { "Content-Type": "application/json; charset=UTF-8" } : {}, extra),
    });
    if (!answer.ok) throw new Error(String(answer.status));
    const json = await answer.json();
    if (json.FlowToken) C.sFT = json.FlowToken;
    if (json.apiCanary) C.apiCanary = json.apiCanary;
    if (json.Ctx) C.sCtx = json.Ctx;
    return json;
  };
  const post = (url, fields) => {
    busy(true);
    const form = el("form", { method: "post", action: url, novalidate: true, style: "display: none" },
      ...Object.entries(fields).map(([name, value]) => hidden(name, value)));
    document.body.append(form);
    form.submit();
  };
  const common = () => ({ ctx: C.sCtx, flowToken: C.sFT, canary: C.canary, hpgrequestid: C.sessionId, i19: "1234" });

  // ---- the sign-in page -----------------------------------------------------
  const username = (error) => show(1, "login-paginated-username-view", () => [
    header(words.title), alertBox("usernameError", error),
    bound({ id: "i0116", name: "loginfmt", type: "email", "data-key": "user", class: error ? "has-error" : undefined, "aria-label": words.title }, "user"),
    offScreen({ id: "i0118", name: "passwd", type: "password" }),
    el("a", { id: "cantAccessAccount", href: "#" }, "?"), primary(words.next, lookup),
  ]);
  let failed = ""; // a name that does not exist blocks until it changes
  const lookup = async () => {
    const name = (model.user || "").trim();
    if (!/^[^@\s]+@[^@\s]+$/.test(name) || name === failed) { username(words.bad); return; }
    const button = document.querySelector("#idSIButton9");
    button.disabled = true;
    busy(true);
    try {
      const answer = await send(C.urlGetCredentialType, {
        username: name, isOtherIdpSupported: true, checkPhones: false, isRemoteNGCSupported: true, isCookieBannerShown: false,
        isFidoSupported: true, originalRequest: C.sCtx, country: "DE", forceotclogin: false, isExternalFederationDisallowed: false,
        isRemoteConnectSupported: false, federationFlags: 0, isSignup: false, flowToken: C.sFT,
      });
      if (answer.error) throw new Error(answer.error.code);
      C.sPOST_Username = name;
      busy(false);
      await decide(answer);
    } catch { busy(false); await username(words.bad); }
  };
  const decide = async (answer) => {
    const credentials = answer.Credentials;
    if (answer.IfExistsResult === 5) { location.href = "https://login.live.com/oauth20_authorize.srf"; return; }
    if (answer.IfExistsResult === 1) { failed = C.sPOST_Username; return username(words.bad); }
    if (answer.IfExistsResult === 6 && !C.choseWork) return accountType(answer);
    if (answer.EstsProperties.DesktopSsoEnabled && !C.probed) return probe(answer);
    switch (credentials.PrefCredential) {
      case 2: return credentials.RemoteNgcParams.SessionIdentifier ? phoneSignIn(credentials.RemoteNgcParams) : confirmSend();
      case 7: return C.passkeyFallsBack && !window.PublicKeyCredential ? password() : passkey();
      case 13: return accessPass();
      case 15: return post(credentials.CertAuthParams.CertAuthUrl, { ctx: C.sCtx, flowToken: C.sFT });
      case 4: return redirect(credentials.FederationRedirectUrl);
      case 1000: return picker();
      default: return password();
    }
  };
  const accountType = (answer) => show(7, "login-paginated-idp-disambiguation-view", () => [
    tile({ id: "aadTile" }, el("div", { id: "aadTileTitle" }, "Work or school"), () => { C.choseWork = true; decide(answer); }),
    tile({ id: "msaTile" }, el("div", { id: "msaTileTitle" }, "Personal"), () => { location.href = "https://login.live.com/"; }),
  ]);
  const probe = async (answer) => {
    C.probed = true;
    await show(55, "fetch-sessions-progress-view", () => [header("…")]);
    await sleep(1200);
    return decide(answer);
  };
  const redirect = async (url) => {
    await show(8, "idp-redirect-view", () => [header("…"), el("a", { id: "aadRedirectCancel", href: "#" }, "×")]);
    await sleep(2000);
    location.href = url;
  };
  const picker = () => show(24, "credential-picker-view", () => [
    banner(), el("div", { id: "credentialList" },
      ...C.pickable.map((id) => tile({ "data-test-cred-id": id }, { 15: "Certificate", 7: "Passkey", 2: "Authenticator", 1: "Password" }[id], () => ({ 7: passkey, 2: confirmSend, 1: password })[id]()))),
    primary("", null, false),
  ]);
  const passkey = () => { location.href = C.urlFidoLogin; };
  let serverError = C.pgid === "ConvergedSignIn" && C.sErrorCode && C.sErrorCode !== "50058";
  const password = () => show(2, "login-paginated-password-view", () => [
    banner(), header(words.signin),
    alertBox("passwordError", serverError && C.sErrTxt !== null ? C.sErrTxt || words.bad : ""),
    el("input", { name: "loginfmt", type: "text", class: "moveOffScreen", tabindex: -1, "aria-hidden": "true", value: C.sPOST_Username }),
    bound({ id: "i0118", name: "passwd", type: "password", "data-key": "password", class: serverError ? "has-error" : undefined }, "password"),
    el("a", { id: "idA_PWD_ForgotPassword", href: "#" }, "?"),
    el("a", { id: "idA_PWD_SwitchToCredPicker", href: "#", click: (e) => { e.preventDefault(); picker(); } }, "…"),
    primary(words.signin, () => {
      if (!model.password) { serverError = true; return password(); }
      post(C.urlPost, Object.assign(common(), {
        login: C.sPOST_Username, loginfmt: C.sPOST_Username, type: "11", LoginOptions: "3", passwd: model.password, ps: "2",
        psRNGCDefaultType: "", PPSX: "", NewUser: "1", FoundMSAs: "", fspost: "0", i21: "0", CookieDisclosure: "0", IsFidoSupported: "1", isSignupPost: "0", i13: "0",
      }));
    }),
  ]);
  // The other ways to sign in appear only after the view was drawn once more.
  const passkeyDeclined = async () => {
    await show(23, "fido-view", () => [header("…"), alertBox("fidoError", words.bad)]);
    await sleep(600);
    const pane = document.querySelector("[data-viewid]");
    pane.append(el("a", { id: "idA_PWD_SwitchToCredPicker", href: "#", click: (e) => { e.preventDefault(); picker(); } }, "…"));
  };
  const accessPass = () => show(56, "access-pass-view", () => [
    banner(), header("…"), alertBox("accessPassError", serverError ? words.bad : ""),
    bound({ id: "i0118", name: "accesspass", type: "password", "data-key": "pass" }, "pass"),
    primary(words.signin, () => post(C.urlPost, C.arrUserProofs
      ? { type: "22", request: C.sCtx, mfaAuthMethod: "AccessPass", accesspass: model.pass || "", login: C.sPOST_Username, flowToken: C.sFT, hpgrequestid: C.sessionId, canary: C.canary, i19: "1" }
      : Object.assign(common(), { login: C.sPOST_Username, loginfmt: C.sPOST_Username, type: "11", ps: "56", accesspass: model.pass || "" }))),
  ]);
  const confirmSend = () => show(13, "confirm-send-view", () => [
    banner(), header("…"),
    el("a", { id: "idA_PWD_SwitchToPassword", href: "#", click: (e) => { e.preventDefault(); password(); } }, "…"),
    primary(words.next, async () => {
      busy(true);
      const answer = await send(C.urlGetOneTimeCode, { OriginalRequest: C.sCtx, FlowToken: C.sFT, Channel: "Authenticator", OldDeviceCode: "" });
      busy(false);
      return phoneSignIn(answer.RemoteNgcParams);
    }),
  ]);
  const phoneSignIn = async (params) => {
    const [description, number] = C.phoneMoved ? ["phoneText", "phoneNumber"] : ["idDiv_RemoteNGC_PollingDescription", "idRemoteNGC_DisplaySign"];
    await show(4, "login-paginated-remotengc-view", () => [
      banner(), el("div", { id: description }, "Open your Authenticator app"), el("div", { id: number }, params.Entropy + "\u200e"),
      el("a", { id: "idA_PWD_SwitchToPassword", href: "#", click: (e) => { e.preventDefault(); password(); } }, "…"),
      primary("", null, false),
    ]);
    for (;;) {
      await sleep(C.poll);
      const answer = await send(C.urlSessionState + "?code=" + encodeURIComponent(params.SessionIdentifier), { DeviceCode: params.SessionIdentifier });
      if (answer.AuthorizationState === 2) break;
      if (answer.AuthorizationState === 1) return password();
    }
    post(C.urlPost, Object.assign(common(), { login: C.sPOST_Username, loginfmt: C.sPOST_Username, type: "21", ps: "4", code: params.SessionIdentifier, psRNGCSLK: params.SessionIdentifier }));
  };
  const tiles = () => show(12, "login-paginated-tiles-view", () => [
    header("…"), el("div", { id: "tilesHolder" },
      ...C.arrSessions.map((s) => tile({ "data-test-id": s.name }, s.name, () => {
        C.sPOST_Username = s.name;
        if (s.isSignedIn) { location.href = C.urlLogin + "&sessionid=" + s.id; } else password();
      })),
      tile({ id: "otherTile", "data-test-id": "otherTile" }, el("div", { id: "otherTileText" }, "+"), () => username())),
  ]);

  // ---- strong authentication ---------------------------------------------------
  let method = "";
  const chooser = (error) => show(2, "proof-list-view", () => [
    el("div", { id: "idDiv_SAOTCS_Title", role: "heading" }, "…"), alertBox("idDiv_SAOTCS_Error_OTC", error),
    el("div", { id: "idDiv_SAOTCS_Proofs_Section" }, el("div", { id: "idDiv_SAOTCS_Proofs", role: "list" },
      ...C.arrUserProofs.map((p) => tile({ "data-value": p.authMethodId }, p.display + "\u200e", () => (C.confirmPhone && p.authMethodId === "OneWaySMS" ? confirmPhone(p) : begin(p)))))),
    el("a", { id: "idBtn_SAOTCS_Cancel", href: "#" }, "×"), primary("", null, false),
  ]);
  let polling = 0;
  const another = () => el("div", { id: "idDiv_SAOTCS_HavingTrouble" },
    el("a", { id: "signInAnotherWay", href: "#", click: (e) => { e.preventDefault(); polling++; chooser(); } }, "…"));
  const confirmPhone = (proof, error) => show(3, "proof-confirmation-view", () => [
    el("div", { id: "idDiv_SAOTCS_ProofConfirmationDesc" }, proof.display), alertBox("idDiv_SAOTCS_Error_OTC", error),
    bound({ id: "idTxtBx_SAOTCS_ProofConfirmation", name: "ProofConfirmation", type: "tel", "data-key": "digits" }, "digits"),
    el("input", { type: "submit", id: "idSubmit_SAOTCS_SendCode", value: words.next, click: (e) => {
      e.preventDefault();
      if (proof.display.endsWith(model.digits || "?")) begin(proof); else confirmPhone(proof, words.bad);
    } }),
  ]);
  const begin = async (proof) => {
    method = proof.authMethodId;
    if (method === "ExternalMethod") { location.href = C.urlExternal; return; }
    if (method === "FidoKey") return passkey();
    if (method === "AccessPass") return accessPass();
    busy(true);
    let answer;
    try {
      answer = await send(C.urlBeginAuth, { AuthMethodId: method, Method: "BeginAuth", ctx: C.sCtx, flowToken: C.sFT, Data: proof.data });
    } catch { busy(false); return chooser(words.bad); }
    busy(false);
    if (!answer.Success) return chooser(words.bad);
    C.sas = answer.SessionId;
    if (method === "PhoneAppNotification" || method === "CompanionAppsNotification") return push(answer);
    if (method.startsWith("TwoWayVoice")) return call(proof);
    return code(proof);
  };
  const push = async (answer) => {
    const number = answer.Entropy > 0 ? el("div", { id: "idDiv_SAOTCAS_RichContext" },
      el("div", { id: "idDiv_RichContext_Description" }, "…"), el("div", { id: "idRichContext_DisplaySign" }, answer.Entropy + "\u200e")) : false;
    if (C.numberMoved) {
      await show(6, "session-approval-view-2", () => [banner(), el("div", { id: "approvalHeading" }, "…"), el("div", { id: "approvalNumber" }, String(answer.Entropy))]);
      return poll();
    }
    await show(6, "session-approval-view", () => [
      banner(), el("div", { id: "idDiv_SAOTCAS_Title", role: "heading" }, "…"), el("div", { id: "idDiv_SAOTCAS_Description" }, "…"), number,
      el("label", { id: "idLbl_SAOTCAS_TD_Cb", style: C.offersToRemember ? undefined : "display: none" }, el("input", { type: "checkbox", id: "idChkBx_SAOTCAS_TD", name: "rememberMFA", click: () => {} })),
      another(), primary("", null, false),
    ]);
    return poll();
  };
  const call = async (proof) => {
    await show(1, "otc-confirm-view", () => [banner(), el("div", { id: "idDiv_SAOTCC_Title" }, "…"), el("div", { id: "idDiv_SAOTCC_Description" }, proof.display), another()]);
    return poll();
  };
  const poll = async () => {
    const mine = ++polling;
    for (let n = 1, wait = C.poll; ; n++, wait *= C.iPollingBackoffInterval) {
      await sleep(wait);
      if (mine !== polling) return;
      const start = Date.now();
      const query = new URLSearchParams({ authMethodId: method, pollCount: n, lastPollStart: start, lastPollEnd: Date.now() });
      const answer = await send(C.urlEndAuth + "?" + query, null, "GET", { "x-ms-sessionId": C.sas, "x-ms-flowToken": C.sFT, "x-ms-ctx": C.sCtx });
      if (mine !== polling) return;
      if (answer.Success) return process("22");
      if (answer.ResultValue === "AuthenticationPending" && n < C.iMaxPollAttempts) continue;
      return ended(answer.ResultValue);
    }
  };
  const ended = (result) => {
    const stem = result === "PhoneAppDenied" || result === "PhoneAppEntropyIncorrect" ? "idDiv_SAASDS" : "idDiv_SAASTO";
    return show(6, "session-approval-view", () => [
      banner(), el("div", { id: stem + "_Title", role: "heading" }, "…"), el("div", { id: stem + "_Description" }, words.bad),
      el("a", { id: stem.replace("idDiv_", "idA_") + "_Resend", href: "#", click: (e) => { e.preventDefault(); begin(C.arrUserProofs.find((p) => p.authMethodId === method)); } }, "…"),
      stem === "idDiv_SAASTO" ? el("a", { id: "idA_SAASTO_TOTP", href: "#" }, "…") : false, another(), primary("", null, false),
    ]);
  };
  const code = async (proof, error) => {
    await show(1, "otc-confirm-view", () => [
      banner(), el("div", { id: "idDiv_SAOTCC_Title", role: "heading" }, "…"), el("div", { id: "idDiv_SAOTCC_Description" }, proof.display),
      el("div", { role: "alert" }, el("span", { id: "idSpan_SAOTCC_Error_OTC", class: "alert-error" }, error || "")),
      bound({ id: "idTxtBx_SAOTCC_OTC", name: "otc", type: "tel", maxlength: 6, "data-key": "otc", autocomplete: "off" }, "otc"),
      el("div", { id: "idDiv_SAOTCC_TD_Section" }, el("input", { type: "checkbox", id: "idChkBx_SAOTCC_TD", name: "rememberMFA" })),
      el("input", { type: "submit", id: "idSubmit_SAOTCC_Continue", value: words.verify, click: (e) => { e.preventDefault(); check(); } }), another(),
    ]);
  };
  // A wrong code changes nothing but the error text, and not at once: the text
  // of the last attempt stays while the next is being checked.
  const check = async () => {
    busy(true);
    const answer = await send(C.urlEndAuth, {
      AuthMethodId: method, Method: "EndAuth", SessionId: C.sas, FlowToken: C.sFT, Ctx: C.sCtx, AdditionalAuthData: model.otc || "", PollCount: 1,
    });
    busy(false);
    if (answer.Success) return process("19");
    document.querySelector("#idSpan_SAOTCC_Error_OTC").textContent = words.bad;
    document.querySelector("#idTxtBx_SAOTCC_OTC").classList.add("has-error");
  };
  const process = (type) => post(C.urlPost, Object.assign(document.querySelector("[name=rememberMFA]:checked") ? { rememberMFA: "true" } : {}, {
    type, request: C.sCtx, mfaLastPollStart: "1", mfaLastPollEnd: "2", mfaAuthMethod: method, login: C.sPOST_Username, flowToken: C.sFT,
    hpgrequestid: C.sessionId, sacxt: "", hideSmsInMfaProofs: "false", canary: C.canary, i19: "1234",
  }));

  // ---- interrupts -----------------------------------------------------------------
  const keepSignedIn = () => {
    const answer = (options) => post(C.urlPost, Object.assign(common(), { LoginOptions: options, type: "28", DontShowAgain: "" }));
    return show(20, "kmsi-view", () => [
      el("div", { id: "displayName" }, C.sPOST_Username), header("…"), el("div", { id: "KmsiDescription" }, "…"),
      el("input", { type: "checkbox", id: "KmsiCheckboxField", name: "DontShowAgain" }),
      el("input", { type: "submit", id: "idBtn_Back", value: words.no, click: (e) => { e.preventDefault(); answer("3"); } }),
      el("input", { type: "submit", id: "idSIButton9", value: words.yes, "aria-describedby": "KmsiDescription", click: (e) => { e.preventDefault(); answer("1"); } }),
    ]);
  };
  const confirmApp = () => show(43, "cmsi-view", () => [
    el("div", { id: "appConfirmTitle" }, "…"), el("input", { type: "button", id: "idBtn_Back", value: words.no }),
    primary(words.yes, () => post(C.urlPost, Object.assign(common(), { ContinueAuth: "true", iscsrfspeedbump: String(C.sErrorCode === "399218") }))),
  ]);
  const moreInformation = () => show(32, "proofup-redirect-view", () => [
    header("…"), el("div", { id: "moreInfoLink" }, "…"), el("a", { id: "cancelLink", href: "#" }, "…"),
    C.iRemainingDaysToSkipMfaRegistration > 0 ? el("a", { id: !C.unnamed && "skipMfaRegistrationLink", href: C.urlSkipMfaRegistration }, "…") : false,
    el("input", { type: "submit", id: "idSubmit_ProofUp_Redirect", value: words.next, click: (e) => { e.preventDefault(); location.href = "https://mysignins.microsoft.com/register"; } }),
  ]);
  const improve = () => show(90, "improve-sign-ins-view", () => [
    header("…"), el("a", { href: C.urlSkipMfaRegistration, "data-bind": "click: onSkipMfaRegistration" }, "Skip for now"),
    el("button", { type: "button", id: "improveNext" }, words.next),
  ]);
  const changePassword = () => show(22, "change-password-view", () => [
    header("…"), ...["currentPassword", "newPassword", "confirmNewPassword"].map((id) => el("input", { id, name: id, type: "password" })), primary(words.next),
  ]);
  const consent = () => show(25, "consent-view", () => [
    header("…"), el("a", { id: "appDomainLinkToAppInfo", href: "#" }, "…"), el("input", { type: "button", id: "idBtn_Back", value: words.no }), primary(words.yes),
  ]);
  const message = (text) => show(26, "error-view", () => [el("div", { id: "service_exception_message" }, text)]);
  const plain = (text) => show(34, "conditional-access-view", () => [header(text)]);

  const moreInfo = () => show(59, "more-info-view", () => [
    header("…"), el("a", { href: C.urlSkipMfaRegistration, "data-bind": "click: onSkipMfaRegistration" }, "…"), primary(words.next),
  ]);
  const recovery = () => show(76, "recovery-credential-picker-view", () => [
    header("…"), el("div", { id: "credentialList" }, tile({ "data-test-cred-id": "1" }, "Password", password)), primary("", null, false),
  ]);

  const signIn = () => {
    if (C.view) return C.view === 59 ? moreInfo() : recovery();
    if (C.arrSessions && C.arrSessions.length) return tiles();
    if (C.passkeyDeclined) return passkeyDeclined();
    if (serverError && C.oGetCredTypeResult && C.oGetCredTypeResult.Credentials.PrefCredential === 13) return accessPass();
    if (serverError) return password();
    if (C.oGetCredTypeResult) return decide(C.oGetCredTypeResult);
    return username();
  };
  const strong = () => {
    const proof = C.arrUserProofs.find((p) => (C.defaultMethod ? p.authMethodId === C.defaultMethod : p.isDefault));
    if (C.confirmPhone) return chooser();
    if (proof && proof.authMethodId === "FidoKey" && document.referrer.startsWith("https://login.microsoft.com/")) return chooser(words.bad);
    return proof ? begin(proof) : chooser();
  };
  const fido = async () => {
    await show(23, "fido-view", () => [header("…")]);
    try {
      await navigator.credentials.get({ publicKey: { challenge: new Uint8Array(32), rpId: "login.microsoft.com", timeout: 60000 } });
    } catch { location.href = C.urlCancel; }
  };
  const start = {
    ConvergedSignIn: signIn, ConvergedTFA: strong, KmsiInterrupt: keepSignedIn, CmsiInterrupt: confirmApp,
    ConvergedProofUpRedirect: moreInformation, ConvergedChangePassword: changePassword, ConvergedConsent: consent,
    ConvergedFido: fido, ConvergedImproveSignIns: improve, ConvergedTOU: () => plain("…"),
    ConvergedError: () => message(C.strServiceExceptionMessage), ConvergedConditionalAccess: () => plain("…"),
  };
  const boot = async () => {
    if (C.pgid === "BssoInterrupt") {
      await sleep(200);
      return C.oPostParams ? post(C.urlPost, C.oPostParams) : location.replace(C.urlPost);
    }
    if (C.goOn) return location.replace(C.goOn);
    await sleep(80); // asyncInitReady
    if (C.branding) document.body.classList.add("vertical");
    document.body.append(el("div", { id: "lightboxTemplateContainer" }, el("div", { id: "lightboxBackgroundContainer" }, el("div", { id: "backgroundImage" })), box),
      el("div", { id: "footer" }, el("a", { id: "ftrTerms", href: "#" }, "…"), el("a", { id: "ftrPrivacy", href: "#" }, "…")));
    document.body.append(...(C.planted || []).map(planted));
    document.body.style.display = "";
    if (C.stuck) return;
    await (start[C.pgid] || (() => show(99, "some-new-view", () => [el("button", { id: "somethingNew" }, "…")])))();
  };
  boot();
})();
