import {h} from '../dom.js';
import {t} from '../words.js';

export const page = {
  path: '/audit',
  title: () => t('nav.audit'),
  permission: 'audit',
  mount(root) {
    root.append(h('h1', t('nav.audit')));
    return () => {};
  },
};
