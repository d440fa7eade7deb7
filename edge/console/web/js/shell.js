/** The frame around all pages: navigation, who looks, whether the data is live, and what is announced. */

import {fill, h, icon} from './dom.js';
import {Router} from './router.js';
import {clock, now} from './units.js';
import {choose, language, t, words} from './words.js';
import {said} from './parts/said.js';
import {failure, waiting} from './parts/wait.js';

const THEMES = ['auto', 'light', 'dark'];
const SAID_MS = 8_000;

export class Shell {
  constructor(app, parts) {
    Object.assign(this, parts);
    this.app = app;
    this.badges = new Map();
    this.turn = 0;
    this.takeDown = () => {};
    this.live.on('state', (state) => this.connection(state));
    this.live.on('whole', () => this.connection(this.live.state));
    this.live.on('change', (changed) => { if (changed.link) this.connection(this.live.state); });
    this.build();
  }

  /** What every page is given. */
  context(params) {
    const {api, live, sight, who, about} = this;
    return {
      api, live, sight, who, about, params, words, shell: this,
      go: (address) => this.router.go(address),
      keep: (kept) => Router.keep(kept),
      say: (text, kind) => this.say(text, kind),
    };
  }

  build() {
    document.documentElement.lang = language();
    const skip = document.getElementById('skip');
    skip.textContent = t('skip');
    this.root = h('main', {id: 'page', tabindex: '-1'});
    this.banner = h('div.banner', {role: 'status', aria: {live: 'polite'}});
    this.pill = h('span.pill');
    this.links = new Map(this.pages.filter((page) => !page.under).map((page) => [page.name, this.link(page)]));
    this.nav = h('nav.nav', {id: 'nav', aria: {label: t('nav')}}, h('ul', [...this.links.values()].map((link) => h('li', link))),
      h('div.nav-foot', this.person(), this.switches()));
    this.menu = h('button.quiet.menu', {type: 'button', aria: {expanded: 'false', controls: 'nav'}, onclick: () => this.open()}, icon('menu'), h('span.hidden', t('menu')));
    this.said = this.said || h('div.said', {role: 'status', aria: {live: 'polite'}});
    fill(this.app,
      h('header.top', h('a.brand', {href: '/'}, h('img', {src: '/web/icon.svg', alt: '', width: 32, height: 32}),
        h('span', h('strong', 'Gianh'), h('small', t('place')))), this.pill, this.menu),
      this.nav, h('div.column', this.banner, this.root), this.said);
    this.connection(this.live.state);
  }

  link(page) {
    const count = h('span.count', {hidden: true});
    const link = h('a', {href: page.path}, icon(page.name), h('span', t(`nav.${page.name}`)), count);
    link.count = count;
    return link;
  }

  person() {
    const {who} = this;
    if (!who.user) {
      return h('div.person', h('p', h('strong', t('guest')), h('small', t(who.canLogin ? 'guest.why' : 'guest.closed'))),
        who.canLogin ? h('a.button', {href: this.loginAddress(), onclick: (event) => { event.currentTarget.href = this.loginAddress(); }}, t('login')) : null);
    }
    return h('div.person', h('p', h('strong', who.name || who.user), h('small', t(`role.${who.role}`))),
      h('button', {type: 'button', onclick: () => this.logout()}, t('logout')));
  }

  loginAddress() {
    return `/login?lang=${language()}&next=${encodeURIComponent(location.pathname + location.search)}`;
  }

  async logout() {
    await this.api.del('/api/v1/session').catch(() => {});
    location.assign(`/login?lang=${language()}${this.who.guest ? '&out=1' : ''}`);
  }

  switches() {
    const now = document.documentElement.dataset.theme || 'auto';
    const theme = h('select', {aria: {label: t('theme')}, onchange: (event) => {
      localStorage.setItem('gianh.theme', event.target.value);
      document.documentElement.dataset.theme = event.target.value;
      dispatchEvent(new Event('gianh-theme'));
    }}, THEMES.map((name) => h('option', {value: name, selected: name === now}, t(`theme.${name}`))));
    const other = language() === 'vi' ? 'en' : 'vi';
    return h('div.switches', theme, h('button', {type: 'button', lang: other, title: t('language.title'), onclick: () => {
      choose(other);
      this.build();
      this.badge(0, '');
      this.router.read();
    }}, t('language')));
  }

  open(yes = this.menu.getAttribute('aria-expanded') !== 'true') {
    this.menu.setAttribute('aria-expanded', String(yes));
    this.nav.classList.toggle('open', yes);
  }

  /** Show a page; what it was before is taken down. */
  async show(page, params) {
    const mine = ++this.turn;
    const again = this.shown === page;
    this.takeDown();
    this.takeDown = () => {};
    this.shown = page;
    this.open(false);
    for (const [name, link] of this.links) {
      if (name === (page.under ?? page.name)) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
    }
    this.title = t(`nav.${page.name}`);
    this.badge(0, '');
    const root = h('div.page', {class: `page page-${page.name}`});
    fill(this.root, waiting(t('wait.page')));
    try {
      const made = await page.load();
      if (mine !== this.turn) return;
      fill(this.root, root);
      this.takeDown = made.mount(root, this.context(params)) || (() => {});
    } catch (error) {
      if (mine === this.turn) fill(this.root, failure(new Error(t('fault.page', {why: error.message})), () => location.reload()));
    }
    if (!again && this.began) {
      scrollTo(0, 0);
      this.root.focus({preventScroll: true});
    }
    this.began = true;
  }

  /** How many of something wait for a person: in the title of the window and beside a page's name. */
  badge(count, page = 'alarms') {
    if (page) this.badges.set(page, count);
    for (const [name, n] of this.badges) {
      const link = this.links.get(name);
      if (!link) continue;
      link.count.hidden = !n;
      link.count.textContent = n > 99 ? '99+' : String(n);
    }
    const all = [...this.badges.values()].reduce((sum, n) => sum + n, 0);
    document.title = `${all ? `(${all}) ` : ''}${this.title || ''} · Gianh`;
  }

  /** Say something for a while, to eyes and ears; `kind` is `good` or `bad`. */
  say(text, kind = 'good') {
    const note = h('p', {class: kind}, text);
    this.said.append(note);
    while (this.said.childElementCount > 3) this.said.firstElementChild.remove();
    setTimeout(() => note.remove(), SAID_MS);
  }

  /** Whether what is shown is of now: the console itself answers, and (at the centre) hears of gateways. */
  connection(own) {
    const {link} = this.sight;
    const state = own === 'live' && link.trouble ? 'deaf' : own;
    const before = this.app.dataset.live;
    this.app.dataset.live = state;
    fill(this.pill, h('i', {aria: {hidden: 'true'}}), t(`live.${state}`));
    this.pill.dataset.state = state;
    if (state === 'lost') {
      const again = h('button', {type: 'button', onclick: () => this.live.again()}, t('live.again'));
      fill(this.banner, h('p', t('live.since', {at: clock(now() - (Date.now() - this.live.since), true)})), again);
    } else if (state === 'deaf') {
      fill(this.banner, h('p', t('live.deaf.since', {at: clock(link.since, true)}), ' ', h('small', said(link.said, link.trouble))));
    } else fill(this.banner);
    if (state === 'live' && (before === 'lost' || before === 'deaf')) this.say(t('live.back'));
  }
}
