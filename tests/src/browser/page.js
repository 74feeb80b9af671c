// Finds what a person would: arguments are the kind, its words, and words of the part of the page it stands in.
const [kind, words, part] = arguments;
const kinds = {
  button: 'button, input[type=submit], input[type=button], input[type=reset], summary, [role=button]',
  field: 'input:not([type=hidden]):not([type=submit]):not([type=button]):not([type=reset]), select, textarea',
  link: 'a[href]',
  heading: 'h1, h2, h3, h4',
};
const parts = 'tr, li, dialog, fieldset, details, form, section, article, [role=row]';
const tidy = text => (text ?? '').replace(/\s+/g, ' ').trim();
const visible = element => element.checkVisibility({ visibilityProperty: true });
const referred = ids => ids.split(/\s+/).map(id => tidy(document.getElementById(id)?.innerText)).join(' ');
const labelled = element => [...(element.labels ?? [])].filter(visible).map(label => {
  const copy = label.cloneNode(true);
  copy.querySelectorAll('select, textarea').forEach(nested => nested.remove());
  return tidy(copy.textContent);
}).join(' ');
const nameOf = element => tidy(
  (element.hasAttribute('aria-labelledby') && referred(element.getAttribute('aria-labelledby')))
  || element.getAttribute('aria-label')
  || (kind === 'field' ? labelled(element) : element.matches('input') ? element.value : element.innerText)
  || element.title);
const holds = element => {
  if (part === null) return true;
  for (let around = element.closest(parts); around; around = around.parentElement?.closest(parts)) {
    if (tidy(around.innerText).includes(part)) return true;
  }
  return false;
};
// The innermost part with these words that has such an element, not every part around it.
const narrow = found => {
  if (part === null || found.length < 2) return found;
  const depth = element => {
    let steps = 0;
    for (let around = element; around; around = around.parentElement, steps++) {
      if (around.matches(parts) && tidy(around.innerText).includes(part)) return steps;
    }
    return Infinity;
  };
  const least = Math.min(...found.map(depth));
  return found.filter(element => depth(element) === least);
};
const all = [...document.querySelectorAll(kinds[kind])].filter(visible).map(element => [nameOf(element), element]);
const pick = fits => narrow(all.filter(([name]) => fits(name)).map(([, element]) => element).filter(holds));
const exact = pick(name => name === words);
const found = exact.length ? exact : pick(name => name.startsWith(words));
return { found, names: all.map(([name]) => name) };
