/* Help for the words of letters and their files. Every page works without it. */
"use strict";
(() => {
  /* Placeholders become buttons that put themselves where the cursor was last. */
  document.querySelectorAll("[data-chips]").forEach((chips) => {
    const group = chips.closest("[data-words-of]");
    const fields = [...group.querySelectorAll("[data-words]")];
    let last = fields.find((field) => field.tagName === "TEXTAREA");
    fields.forEach((field) => field.addEventListener("focus", () => { last = field; }));
    chips.querySelectorAll("[data-chip]").forEach((item) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "slim";
      button.title = item.dataset.label;
      button.append(...item.childNodes);
      button.addEventListener("click", () => {
        last.focus();
        last.setRangeText(item.dataset.chip, last.selectionStart, last.selectionEnd, "end");
        last.dispatchEvent(new Event("input", { bubbles: true }));
      });
      item.append(button);
    });
  });

  /* The preview as HTML or as text. */
  const kinds = document.querySelectorAll("[data-preview-as]");
  kinds.forEach((button) => button.addEventListener("click", () => {
    const frame = document.querySelector("iframe[data-preview]");
    frame.dataset.preview = frame.dataset.preview.split("?")[0] + button.dataset.previewAs;
    kinds.forEach((one) => one.setAttribute("aria-pressed", String(one === button)));
    frame.closest(".with-preview").querySelector("form").dispatchEvent(new Event("change"));
  }));
})();
