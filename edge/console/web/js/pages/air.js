import {h} from '../dom.js';
import {t} from '../words.js';

export const page = {
  path: '/air',
  title: () => t('nav.air'),
  permission: 'read',
  mount(root) {
    root.append(h('h1', t('nav.air')));
    return () => {};
  },
};
