"use strict";
// Every page works without this script. With it a person hears while typing what the service would say after sending,
// can look at a password, and cannot send a form twice by pressing twice.
(() => {
  const field = (id) => document.getElementById(id);

  // Hints below a field. A reader is told when they change, not at every key.
  const tell = (place, text, state) => {
    if (place.textContent !== text) place.textContent = text;
    place.dataset.state = state;
  };
  for (const place of document.querySelectorAll(".live")) {
    const say = place.dataset;
    const own = field(say.field);
    const other = say.other ? field(say.other) : null;
    if (!own) continue;
    const look = () => {
      // As the service counts: characters, not the units a script stores them in.
      const length = [...own.value].length;
      if (length === 0) tell(place, "", "");
      else if (other) {
        const same = own.value === other.value;
        tell(place, same ? say.same : say.differs, same ? "good" : "open");
      } else if (length < Number(say.min)) tell(place, say.short, "open");
      else if (length > Number(say.max)) tell(place, say.long, "bad");
      else tell(place, say.good, "good");
    };
    own.addEventListener("input", look);
    if (other) other.addEventListener("input", look);
    look();
  }

  // One button shows all passwords of a form.
  for (const first of document.querySelectorAll("input[data-show]")) {
    const inputs = [...first.form.querySelectorAll("input[type=password]")];
    const button = document.createElement("button");
    const show = (shown) => {
      for (const input of inputs) input.type = shown ? "text" : "password";
      button.textContent = shown ? first.dataset.hide : first.dataset.show;
    };
    button.type = "button";
    button.className = "quiet";
    button.addEventListener("click", () => show(first.type === "password"));
    // Browsers keep what was typed as text.
    first.form.addEventListener("submit", () => show(false));
    show(false);
    first.closest(".field").querySelector(".label").append(button);
  }

  // One press, one request. Whoever stopped it, or comes back, can press again.
  const sent = new Map();
  const release = (form) => {
    clearTimeout(sent.get(form));
    sent.delete(form);
    for (const button of form.querySelectorAll("[type=submit]")) button.removeAttribute("aria-disabled");
  };
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (sent.has(form)) {
      event.preventDefault();
      return;
    }
    sent.set(form, setTimeout(() => release(form), 8000));
    for (const button of form.querySelectorAll("[type=submit]")) button.setAttribute("aria-disabled", "true");
  });
  addEventListener("pageshow", () => [...sent.keys()].forEach(release));
})();
