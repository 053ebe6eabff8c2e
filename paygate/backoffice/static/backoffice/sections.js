/* Help for single sections. Every page works without it. */
"use strict";
(() => {
  /* The list of currencies follows the terminal (SPG-FRM-20). */
  const taken = document.getElementById("currencies");
  const terminal = document.querySelector("select[name=terminal]");
  const currency = document.querySelector("select[name=currency]");
  if (taken && terminal && currency) {
    const lists = JSON.parse(taken.textContent);
    let wanted = currency.value;
    currency.addEventListener("change", () => { wanted = currency.value; });
    terminal.addEventListener("change", () => {
      currency.replaceChildren(...(lists[terminal.value] || []).map((code) => new Option(code, code, false, code === wanted)));
    });
  }

  /* The button carries the sum that is typed beside it. */
  document.querySelectorAll("button[data-sum]").forEach((button) => {
    const field = document.getElementById(button.dataset.sum);
    const whole = button.textContent;
    const first = field.value;
    field.addEventListener("input", () => {
      button.textContent = field.value === first ? whole : button.dataset.words.replace("\u2063", field.value.trim());
    });
  });

  /* "Open in e-mail program" after saving. */
  const mail = document.querySelector("[data-open-mail]");
  if (mail) {
    history.replaceState(null, "", location.pathname);
    addEventListener("load", () => setTimeout(() => mail.click()));
  }
})();
