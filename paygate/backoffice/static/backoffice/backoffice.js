/* Help for the back office. Every page works without it. Behaviour hangs on data attributes, each explained at its line. */
"use strict";
(() => {
  const all = (selector, from = document) => from.querySelectorAll(selector);

  /* .menu and .menu-button: close on Escape, on a click elsewhere, and when the focus goes on. */
  const MENU = "details:is(.menu, .menu-button)";
  const close = (except) => all(`${MENU}[open]`).forEach((menu) => { if (menu !== except) menu.open = false; });
  ["click", "focusin"].forEach((what) => document.addEventListener(what, (event) => close(event.target.closest(MENU))));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      const open = document.querySelector(`${MENU}[open]`);
      if (open) { open.open = false; open.querySelector("summary").focus(); }
    }
    const typing = event.target.closest("input, textarea, select, [contenteditable]");
    const search = document.getElementById("search");
    const wanted = (event.key === "/" && !typing) || (event.key === "k" && (event.ctrlKey || event.metaKey));
    if (search && wanted && !event.altKey) { event.preventDefault(); search.focus(); search.select(); }
  });

  /* A short word at the bottom right, read out too. */
  const toast = (text) => {
    let box = document.querySelector(".toasts");
    if (!box) {
      box = document.createElement("div");
      box.className = "toasts";
      box.setAttribute("role", "status");
      document.body.append(box);
    }
    const line = document.createElement("div");
    line.className = "toast";
    line.textContent = text;
    box.append(line);
    setTimeout(() => line.remove(), 4000);
  };

  /* button[data-copy]: copies the input before it, or its own data-text. data-done is the word afterwards. */
  all("[data-copy]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const field = button.parentElement.querySelector("input, textarea");
      try {
        await navigator.clipboard.writeText(button.dataset.text || field.value);
      } catch {
        if (!field) return;
        field.select();
        document.execCommand("copy");
      }
      toast(button.dataset.done);
    });
  });
  all("input[readonly], textarea[readonly]").forEach((field) => field.addEventListener("focus", () => field.select()));

  /* [data-opens="#id"]: opens a <dialog> instead of following the link. [data-closes]: closes the dialog around it. */
  all("[data-opens]").forEach((opener) => opener.addEventListener("click", (event) => {
    const dialog = document.querySelector(opener.dataset.opens);
    if (!dialog || !dialog.showModal) return;
    event.preventDefault();
    close();
    dialog.showModal();
  }));
  all("[data-closes]").forEach((closer) => {
    closer.hidden = false;
    closer.addEventListener("click", () => closer.closest("dialog").close());
  });
  all("dialog").forEach((dialog) => dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); }));

  /* Forms: one press counts, waiting shows after 300 ms. What leaves this page where it is, a file to keep ([data-again] on
     form or button) or an answer in a window of its own, may be sent again, and so may everything else afterwards. */
  const stays = ({ submitter, target }) => Boolean(
    target.hasAttribute("data-again") || submitter?.hasAttribute("data-again") || submitter?.formTarget === "_blank",
  );
  all("form[method=post]").forEach((form) => form.addEventListener("submit", (event) => {
    if (form.dataset.sent) return event.preventDefault();
    if (stays(event)) return;
    form.dataset.sent = "1";
    const button = event.submitter;
    setTimeout(() => button && form.dataset.sent && button.setAttribute("aria-busy", "true"), 300);
  }));
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    all("form[data-sent]").forEach((form) => delete form.dataset.sent);
    all("[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
  });

  /* [data-go] on a select or checkbox: sends its form when it changes; the button beside it ([data-go-button]) steps back. */
  all("[data-go]").forEach((field) => field.addEventListener("change", () => field.form.requestSubmit()));
  all("[data-go-button]").forEach((button) => { button.hidden = true; });

  /* [data-when="name"] or [data-when="name=a|b"]: shown only while that field is on, or has one of these values. */
  const dependants = all("[data-when]");
  const weigh = () => dependants.forEach((part) => {
    const [name, values] = part.dataset.when.split("=");
    const fields = [...document.getElementsByName(name)];
    if (!fields.length) return;
    const value = fields.map((field) => (/^(checkbox|radio)$/.test(field.type) ? (field.checked ? field.value || "on" : "") : field.value)).join("");
    part.hidden = values === undefined ? !value : !values.split("|").includes(value);
  });
  if (dependants.length) {
    weigh();
    document.addEventListener("change", weigh);
  }

  /* [data-follows="names"]: says in one line what is chosen or typed in these fields, or data-nothing. With data-named each
     value stands as this says, under its label and behind the value of the field that its data-unit names. */
  all("[data-follows]").forEach((line) => {
    const names = line.dataset.follows.split(" ");
    const named = (field, value) => {
      const parts = {
        label: field.labels[0].firstChild.textContent.trim(),
        what: field.dataset.unit ? `${field.form.elements[field.dataset.unit].value} ${value}` : value,
      };
      return line.dataset.named.replace(/%\((\w+)\)s/g, (_, part) => parts[part]);
    };
    const said = (field) => {
      if (field.type !== "radio") {
        const value = field.value.trim();
        return value && line.dataset.named ? named(field, value) : value;
      }
      const label = field.checked && field.labels[0];
      return label ? (label.querySelector("b") || label).textContent.trim() : "";
    };
    document.addEventListener("change", (event) => {
      const fields = names.flatMap((name) => [...document.getElementsByName(name)]);
      const changed = event.target.name;
      if (!fields.some((field) => field.name === changed || field.dataset.unit === changed)) return;
      line.textContent = fields.map(said).filter(Boolean).join(" \u00b7 ") || line.dataset.nothing;
    });
  });

  /* .pick checkboxes: [data-pick-all] ticks them all, [data-picked] shows how many. */
  all(".bulk-form").forEach((form) => {
    const whole = form.querySelector("[data-pick-all]");
    const count = form.querySelector("[data-picked]");
    const picks = [...all(".pick", form)];
    const show = () => {
      const many = picks.filter((pick) => pick.checked).length;
      if (count) count.textContent = many;
      if (whole) { whole.checked = many === picks.length && many > 0; whole.indeterminate = many > 0 && many < picks.length; }
    };
    if (whole) {
      whole.hidden = false;
      whole.addEventListener("change", () => { picks.forEach((pick) => { pick.checked = whole.checked; }); show(); });
    }
    form.addEventListener("change", show);
  });

  /* input[data-narrows="#id"]: typing hides the children of #id that do not contain the words. */
  all("[data-narrows]").forEach((field) => {
    const rows = [...document.querySelector(field.dataset.narrows).children];
    const none = document.querySelector(field.dataset.none || "#-");
    field.addEventListener("input", () => {
      const words = field.value.toLowerCase().split(/\s+/);
      rows.forEach((row) => { row.hidden = !words.every((word) => row.textContent.toLowerCase().includes(word)); });
      if (none) none.hidden = rows.some((row) => !row.hidden);
    });
    field.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
  });

  /* form[data-guard]: asks before typed things are lost. */
  all("form[data-guard]").forEach((form) => {
    let touched = false;
    form.addEventListener("input", () => { touched = true; });
    form.addEventListener("submit", (event) => { if (!stays(event)) touched = false; });
    addEventListener("beforeunload", (event) => { if (touched) event.preventDefault(); });
  });

  /* [data-needs-script] appears only where scripts run; [data-print] prints. */
  all("[data-needs-script], [data-print]").forEach((part) => { part.hidden = false; });
  all("[data-print]").forEach((button) => button.addEventListener("click", () => print()));

  const summary = document.querySelector("[data-errors]");
  if (summary) summary.focus();
})();
