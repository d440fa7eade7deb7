import {h} from '../dom.js';
import {t} from '../words.js';

export const page = {
  path: '/lighting',
  title: () => t('nav.lighting'),
  permission: 'read',
  mount(root) {
    root.append(h('h1', t('nav.lighting')));
    return () => {};
  },
};
