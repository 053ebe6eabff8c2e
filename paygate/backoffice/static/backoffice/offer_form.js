/* Help for the form of an offer. It works without. */
"use strict";
(() => {
  const read = (id) => JSON.parse(document.getElementById(id)?.textContent || "{}");
  const terminal = document.querySelector("select[name=terminal]");
  const currency = document.querySelector("select[name=currency]");
  const methods = document.querySelector("[data-payable-by]");
  if (!currency) return;

  /* Currencies and methods follow the terminal, methods the currency too (SPG-FRM-20, 21). */
  const taken = read("currencies");
  const payableBy = read("payable-by");
  const number = () => document.querySelector("[name=terminal]").value;
  let wanted = currency.value;
  const name = () => { methods.textContent = (payableBy[number()] || {})[currency.value] || ""; };
  const follow = () => {
    currency.replaceChildren(...(taken[number()] || []).map((code) => new Option(code, code, false, code === wanted)));
    name();
  };
  currency.addEventListener("change", () => { wanted = currency.value; name(); });
  terminal?.addEventListener("change", follow);

  /* Typing a number or a part of the name leaves only the terminals that fit, and chooses the first of them
     (SPG-FRM-05, 06). Options are taken out, since not every browser hides them. */
  const search = document.getElementById("find-terminal");
  if (search && terminal) {
    const all = [...terminal.options];
    const told = document.getElementById("found-terminals");
    search.addEventListener("input", () => {
      const words = search.value.toLowerCase().split(/\s+/);
      const fitting = all.filter((option) => words.every((word) => option.text.toLowerCase().includes(word)));
      const chosen = terminal.selectedOptions[0];
      told.textContent = fitting.length ? "" : told.dataset.none;
      if (!fitting.length) return;
      terminal.replaceChildren(...fitting);
      terminal.value = (fitting.includes(chosen) ? chosen : fitting[0]).value;
      follow();
    });
    search.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
  }
})();
