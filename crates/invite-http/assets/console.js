"use strict";
// The console works without this script. With it a text is copied by one press, a confirmation closes by Escape, and a form
// cannot be sent twice by pressing twice.
(() => {
  for (const place of document.querySelectorAll("[data-copy]")) {
    const button = document.createElement("button");
    const said = document.createElement("span");
    button.type = "button";
    button.className = "quiet";
    button.textContent = place.dataset.copy;
    said.setAttribute("role", "status");
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(place.textContent.trim());
        said.textContent = place.dataset.copied;
      } catch {
        // No clipboard: the text is selected, and the person copies it.
        getSelection().selectAllChildren(place);
      }
    });
    place.after(button, said);
  }

  addEventListener("keydown", (event) => {
    const open = event.key === "Escape" && document.activeElement?.closest("details.confirm[open]");
    if (!open) return;
    open.open = false;
    open.querySelector("summary").focus();
  });

  for (const form of document.querySelectorAll("form[method=post]")) {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) event.preventDefault();
      form.dataset.sent = "yes";
      for (const button of form.querySelectorAll("[type=submit]")) button.setAttribute("aria-disabled", "true");
    });
  }
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) {
      delete form.dataset.sent;
      for (const button of form.querySelectorAll("[type=submit]")) button.removeAttribute("aria-disabled");
    }
  });
})();
