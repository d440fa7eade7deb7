/** Makes elements; text is always text, so nothing that a device or a person said can become markup. */

/** An element: `h('a.big', {href: '/', onclick: f, aria: {label: 'x'}}, child, [more])`; null children are left out. */
export function h(name, ...given) {
  const [tag, ...classes] = name.split('.');
  const node = document.createElement(tag || 'div');
  if (classes.length) node.className = classes.join(' ');
  return filled(node, given);
}

/** An SVG element, in the namespace of the drawings that the page brings. */
export function s(name, ...given) {
  const space = document.getElementById('drawings').namespaceURI;
  return filled(document.createElementNS(space, name), given);
}

/** One of the page's drawings. */
export function icon(name) {
  return s('svg', {class: 'icon', 'aria-hidden': 'true', focusable: 'false'}, s('use', {href: `#i-${name}`}));
}

/** Replace what an element holds. */
export function fill(node, ...children) {
  node.replaceChildren(...flat(children));
  return node;
}

function filled(node, given) {
  const [first, ...rest] = given;
  const plain = first !== null && typeof first === 'object' && Object.getPrototypeOf(first) === Object.prototype;
  if (plain) for (const [key, value] of Object.entries(first)) set(node, key, value);
  node.append(...flat(plain ? rest : given));
  return node;
}

function set(node, key, value) {
  if (value === null || value === undefined || value === false) return;
  if (key.startsWith('on')) node.addEventListener(key.slice(2), value);
  else if (key === 'style') for (const [name, one] of Object.entries(value)) node.style.setProperty(name, one);
  else if (key === 'data' || key === 'aria') {
    for (const [name, one] of Object.entries(value)) {
      if (one !== null && one !== undefined) node.setAttribute(`${key}-${name}`, one);
    }
  } else if (['value', 'checked', 'selected', 'indeterminate'].includes(key)) node[key] = value;
  else node.setAttribute(key, value === true ? '' : value);
}

function flat(children) {
  return children
    .flat(Infinity)
    .filter((one) => one !== null && one !== undefined && one !== false)
    .map((one) => (one instanceof Node ? one : document.createTextNode(String(one))));
}
