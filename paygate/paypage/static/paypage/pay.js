/* Help for the payer's pages. Every page works without it; nothing here is kept, and nothing leaves this origin. */
"use strict";
(() => {
  const $ = (selector) => document.querySelector(selector);

  /* What 3-D Secure 2 wants to know about the browser (b_js is "1" only when this ran). */
  const browser = {
    b_lang: navigator.language, b_tz: new Date().getTimezoneOffset(), b_width: screen.width, b_height: screen.height,
    b_depth: screen.colorDepth, b_java: "0", b_js: "1",
  };
  for (const [name, value] of Object.entries(browser)) {
    for (const field of document.getElementsByName(name)) field.value = value;
  }

  /* Brand while typing: number ranges with the scheme's ones first, then those of the test cards. */
  const BRANDS = [
    [/^4/, "Visa"], [/^(5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, "Mastercard"], [/^3[47]/, "Amex"],
    [/^(3[68]|30[0-5])/, "Diners"], [/^9010/, "Visa"], [/^9030/, "Mastercard"], [/^9040/, "Maestro"],
    [/^9050/, "Diners"], [/^9070/, "Amex"],
  ];
  const digits = (text) => text.replace(/\D/g, "");
  const brandOf = (number) => (BRANDS.find(([range]) => range.test(number)) || [])[1];

  /* Rewrites a field and leaves the cursor behind the digit it stood behind. */
  const rewrite = (field, text) => {
    if (field.value === text) return;
    let left = digits(field.value.slice(0, field.selectionStart)).length;
    const atEnd = field.selectionStart === field.value.length;
    field.value = text;
    let cursor = 0;
    while (cursor < text.length && left > 0) if (/\d/.test(text[cursor++])) left -= 1;
    if (document.activeElement === field) field.setSelectionRange(atEnd ? text.length : cursor, atEnd ? text.length : cursor);
  };

  const number = $("[autocomplete=cc-number]");
  if (number) {
    const shown = $("[data-brand]");
    const icon = shown.innerHTML;
    const codeHint = $("[data-code-hint]");
    const show = () => {
      const all = digits(number.value).slice(0, 19);
      rewrite(number, all.replace(/(.{4})(?=.)/g, "$1 "));
      const brand = brandOf(all);
      if (shown.dataset.brand === (brand || "")) return;
      shown.dataset.brand = brand || "";
      if (brand) {
        const mark = document.createElement("span");
        mark.className = "mark";
        mark.textContent = brand;
        shown.replaceChildren(mark);
      } else shown.innerHTML = icon;
      codeHint.textContent = brand === "Amex" ? codeHint.dataset.front : codeHint.dataset.codeHint;
    };
    number.addEventListener("input", show);
    show();
  }

  /* Suggested amounts: what is typed takes the place of what was chosen, and the other way round. */
  const suggested = document.querySelectorAll("[data-suggested]");
  const amount = $("#amount");
  for (const one of suggested) one.addEventListener("change", () => { amount.value = ""; });
  if (amount) amount.addEventListener("input", () => { for (const one of suggested) one.checked = false; });

  const expiry = $("[autocomplete=cc-exp]");
  if (expiry) {
    let before = expiry.value;
    expiry.addEventListener("input", () => {
      const deleting = expiry.value.length < before.length;
      let all = digits(expiry.value);
      const early = /^\d\s*\//.test(expiry.value) || (/^[2-9]/.test(all) && !deleting);
      if (early && all[0] !== "0") all = "0" + all;
      if (all.length === 6 && all.slice(2, 4) === "20") all = all.slice(0, 2) + all.slice(4);
      all = all.slice(0, all.slice(2, 4) === "20" ? 5 : 4);
      const slash = all.length > 2 || (all.length === 2 && !deleting);
      expiry.value = slash ? all.slice(0, 2) + "/" + all.slice(2) : all;
      before = expiry.value;
    });
  }

  /* A press counts once. The fields of the card leave the page as soon as the browser has taken them. */
  const CARD = "[autocomplete=cc-number],[autocomplete=cc-exp],[autocomplete=cc-csc],[autocomplete=cc-name]";
  const sent = new Set();
  for (const form of document.querySelectorAll("form")) {
    form.addEventListener("submit", (event) => {
      if (sent.size) return event.preventDefault();
      sent.add(form);
      const button = event.submitter || form.querySelector("button");
      setTimeout(() => {
        for (const other of document.querySelectorAll("main button")) other.disabled = true;
        for (const field of form.querySelectorAll(CARD)) field.value = "";
      }, 0);
      setTimeout(() => button && sent.size && button.setAttribute("aria-busy", "true"), 300);
    });
  }
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    sent.clear();
    for (const button of document.querySelectorAll("main button")) {
      button.disabled = false;
      button.removeAttribute("aria-busy");
    }
  });

  /* Pages that go on by themselves: the form to the bank at once; ours when the answer is in, or after a while. */
  const step = $("main");
  const onward = $("form[data-continue]");
  let gone = false;
  const go = () => {
    if (gone) return;
    gone = true;
    /* The bank has seen what it wanted: its frame goes before the page does. */
    for (const frame of document.querySelectorAll("iframe")) frame.remove();
    if (onward) onward.submit();
    else location.replace(step.dataset.nextUrl || location.href);
  };
  const auto = $("form[data-auto]");
  if (auto) auto.submit();
  if (step && step.dataset.statusUrl) {
    let pause = onward ? 1000 : 3000;
    const ask = async () => {
      if (gone) return;
      try {
        const answer = await fetch(step.dataset.statusUrl, { cache: "no-store", headers: { Accept: "application/json" } });
        if (answer.ok && (await answer.json()).ready) go();
      } catch { /* the line is down for a moment: it is asked again */ }
    };
    const askAgain = async () => {
      await ask();
      pause = Math.min(pause * 1.3, 10000);
      if (!gone) setTimeout(askAgain, pause);
    };
    setTimeout(askAgain, pause);
    /* The bank's frame has come to rest, perhaps for the last time. */
    const frame = $("iframe[name=method]");
    if (frame) frame.addEventListener("load", ask);
  }
  if (onward && step.dataset.waitSeconds) setTimeout(go, Number(step.dataset.waitSeconds) * 1000);

  const summary = $("[data-errors]");
  if (summary) summary.focus();
  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => print());
  }
})();
