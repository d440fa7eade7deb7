import {h} from '../dom.js';
import {t} from '../words.js';

export const page = {
  path: '/',
  title: () => t('nav.town'),
  permission: 'read',
  mount(root) {
    root.append(h('h1', t('nav.town')));
    return () => {};
  },
};
