import {h} from '../dom.js';
import {t} from '../words.js';

export const page = {
  path: '/users',
  title: () => t('nav.users'),
  permission: 'users',
  mount(root) {
    root.append(h('h1', t('nav.users')));
    return () => {};
  },
};
