/** All pages, in the order of the navigation; each is loaded when it is first shown; `under` a page: reached from there. */

const entry = (name, path, permission, under = null) => ({
  name, path, permission, under, load: async () => (await import(`./pages/${name}.js`)).page,
});

export const PAGES = [
  entry('town', '/', 'read'),
  entry('lighting', '/lighting', 'read'),
  entry('air', '/air', 'read'),
  entry('wifi', '/wifi', 'read'),
  entry('field', '/field', 'read'),
  entry('alarms', '/alarms', 'read'),
  entry('audit', '/audit', 'audit'),
  entry('users', '/users', 'users'),
  entry('commission', '/commission', 'commission', 'field'),
];
