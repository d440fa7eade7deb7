import {h} from '../dom.js';
import {t} from '../words.js';

export const page = {
  path: '/wifi',
  title: () => t('nav.wifi'),
  permission: 'read',
  mount(root) {
    root.append(h('h1', t('nav.wifi')));
    return () => {};
  },
};
