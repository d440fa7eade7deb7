/** Starts the console: who looks, what the town has, and the page that the address names. */

import {watchAlarms} from './alarm_watch.js';
import {api, toLogin} from './api.js';
import {Live} from './live.js';
import {PAGES} from './pages.js';
import {Router} from './router.js';
import {Shell} from './shell.js';
import {Town} from './town.js';
import {language} from './words.js';
import {failure, waiting} from './parts/wait.js';

/** Who looks, by the session; where there is no login at all, a guest who may read. */
async function whoLooks() {
  try {
    const session = await api.get('/api/v1/session');
    return {...session, canLogin: true, may: (permission) => session.permissions.includes(permission)};
  } catch (error) {
    if (error.status !== 404) throw error;
    const permissions = ['read', 'audit'];
    return {user: null, name: '', role: null, permissions, canLogin: false, may: (one) => permissions.includes(one)};
  }
}

async function start() {
  document.documentElement.lang = language();
  const app = document.getElementById('app');
  try {
    const who = await whoLooks();
    if (!who.may('read')) return toLogin();
    const [about] = await Promise.all([api.get('/api/v1/console').catch(() => ({}))]);
    const sight = new Town();
    const live = new Live(api, sight);
    const shell = new Shell(app, {api, live, sight, who, about, pages: PAGES.filter((one) => who.may(one.permission))});
    const router = new Router(shell.pages, (page, params) => shell.show(page, params));
    shell.router = router;
    watchAlarms(live, sight, shell);
    await Promise.all([live.start(), router.read()]);
  } catch (error) {
    app.replaceChildren(failure(error, () => { app.replaceChildren(waiting('Gianh')); start(); }));
  }
}

start();
