import {h} from '../dom.js';
import {t} from '../words.js';

export const page = {
  path: '/field',
  title: () => t('nav.field'),
  permission: 'read',
  mount(root) {
    root.append(h('h1', t('nav.field')));
    return () => {};
  },
};
