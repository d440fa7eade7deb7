import {h} from '../dom.js';
import {t} from '../words.js';

export const page = {
  path: '/alarms',
  title: () => t('nav.alarms'),
  permission: 'read',
  mount(root) {
    root.append(h('h1', t('nav.alarms')));
    return () => {};
  },
};
