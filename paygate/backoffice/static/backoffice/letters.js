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

  /* Words that nobody touched follow the language of the offer. */
  const usual = document.getElementById("usual-words");
  const language = document.querySelector("select[name=language]");
  if (usual && language) {
    const words = JSON.parse(usual.textContent);
    const plain = (text) => text.replace(/\r\n/g, "\n").trim();
    language.addEventListener("change", () => {
      Object.entries(words[language.value] || words.en).forEach(([name, text]) => {
        const field = language.form.elements[name];
        if (field && Object.values(words).some((one) => plain(one[name]) === plain(field.value))) field.value = text;
      });
    });
  }

  /* What is typed in one field is shown elsewhere too. */
  document.querySelectorAll("[data-shows]").forEach((place) => {
    const field = document.querySelector(`[name=${place.dataset.shows}]`);
    field?.addEventListener("input", () => { place.textContent = field.value.trim() || "\u2013"; });
  });

  /* Files are sent when they are chosen, one after the other, and stay in the form by their ids. */
  document.querySelectorAll("[data-files]").forEach((box) => {
    const input = box.querySelector("input[type=file]");
    const list = box.querySelector("[data-file-list]");
    const bar = box.querySelector("progress");
    const total = box.querySelector("[data-total]");
    const say = box.dataset;
    const language = document.documentElement.lang;
    const locale = language === "en" ? "en-GB" : `${language}-CH`;
    const inUnit = (number, unit, digits) => number.toLocaleString(locale, { style: "unit", unit, minimumFractionDigits: digits, maximumFractionDigits: digits });
    const size = (bytes) => (bytes < 1e5 ? inUnit(Math.ceil(bytes / 1024), "kilobyte", 0) : inUnit(bytes / 1024 / 1024, "megabyte", 1));
    const weigh = () => {
      const sizes = [...list.children].map((item) => Math.ceil(item.dataset.size / 57) * 78 + 400);
      const sum = sizes.reduce((one, other) => one + other, Number(say.room));
      total.textContent = say.wordsTotal.replace("\u2063", size(sum));
      total.classList.toggle("wrong", sum > Number(say.most));
    };
    const removable = (item, name) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "quiet slim";
      button.textContent = say.wordsRemove.replace("\u2063", name);
      button.addEventListener("click", () => {
        item.remove();
        weigh();
        input.focus();
      });
      item.append(button);
    };
    const show = (file) => {
      const item = document.createElement("li");
      const name = document.createElement("span");
      const id = document.createElement("input");
      item.dataset.size = file.size;
      name.textContent = `${file.name} (${size(file.size)})`;
      Object.assign(id, { type: "hidden", name: "files", value: file.id });
      item.append(id, name);
      removable(item, file.name);
      list.append(item);
    };
    const complain = (words) => {
      const line = document.createElement("p");
      line.className = "error";
      line.setAttribute("role", "alert");
      line.dataset.fileError = "";
      line.textContent = words;
      input.before(line);
    };
    const send = (file) => new Promise((done) => {
      const data = new FormData();
      const form = input.form.elements;
      data.append("csrfmiddlewaretoken", form.csrfmiddlewaretoken.value);
      data.append("form_id", form.form_id.value);
      list.querySelectorAll("input[name=files]").forEach((one) => data.append("files", one.value));
      data.append("attachments", file);
      const call = new XMLHttpRequest();
      call.upload.addEventListener("progress", (event) => { bar.value = (100 * event.loaded) / event.total; });
      call.addEventListener("loadend", () => {
        let answer = { files: [], errors: [`${file.name}: ${say.wordsFailed}`] };
        try { answer = JSON.parse(call.responseText); } catch { /* no answer of ours */ }
        answer.files.forEach(show);
        answer.errors.forEach(complain);
        done();
      });
      call.open("POST", say.files);
      call.send(data);
    });
    [...list.children].forEach((item) => {
      const box = item.querySelector("input");
      if (!box.checked) {
        item.remove();
        return;
      }
      const name = item.querySelector("span");
      box.type = "hidden";
      item.replaceChildren(box, name);
      removable(item, name.firstChild.textContent.trim());
    });
    weigh();
    input.addEventListener("change", async () => {
      const files = [...input.files];
      input.value = "";
      box.querySelectorAll("[data-file-error]").forEach((line) => line.remove());
      bar.hidden = false;
      for (const file of files) {
        bar.value = 0;
        if (file.size > Number(say.most)) complain(`${file.name}: ${say.wordsLarge}`);
        else await send(file);
      }
      bar.hidden = true;
      weigh();
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
