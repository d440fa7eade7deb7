/** Users: who may log in, as what; a one-time code is shown once. */

import {fill, h} from '../dom.js';
import {ask, confirmed} from '../parts/dialog.js';
import {grid} from '../parts/panel.js';
import {empty, failure, waiting} from '../parts/wait.js';
import table from '../words/users.js';
import {words} from '../words.js';

const ROLES = ['viewer', 'officer', 'operator', 'technician', 'administrator'];
const LOOKS = {active: 'good', waiting: 'warn', locked: 'bad'};
const t = words(table);

export const page = {path: '/users', title: () => t('title'), permission: 'users', mount};

function mount(root, context) {
  const {api, who} = context;
  const list = h('section.card', waiting(t('title')));
  let over = false;

  /** Do something with a user; what fails is said, and the list is as the server has it. */
  const act = async (work) => {
    try {
      await work();
    } catch (error) {
      context.say(t('failed', {why: error.message}), 'bad');
    }
    await draw();
  };

  async function draw() {
    let users;
    try {
      users = await api.get('/api/v1/users');
    } catch (error) {
      if (!over) fill(list, failure(error, draw));
      return;
    }
    if (over) return;
    fill(list, users.length ? grid(t('title'), [t('id'), t('name'), t('role'), t('state'), t('act')], users.map(row)) : empty(t('nobody')));
  }

  function row(user) {
    const role = h('select', {aria: {label: `${t('role')}: ${user.id}`}, onchange: () => act(async () => {
      await api.patch(`/api/v1/users/${user.id}`, {role: role.value});
      context.say(t('role_done', {user: user.id, role: t(role.value)}));
    })}, ROLES.map((one) => h('option', {value: one, selected: one === user.role}, t(one))));
    return [[user.id, user.id === who.user ? h('small.soft', ` (${t('you')})`) : null], user.name, role, h(`span.chip.${LOOKS[user.state] ?? 'warn'}`, t(user.state)),
      h('span.row', h('button', {type: 'button', onclick: () => reset(user)}, t('reset')), h('button', {type: 'button', onclick: () => remove(user)}, t('remove')))];
  }

  const reset = async (user) => {
    if (await confirmed(t('reset_title', {user: user.id}), t('reset_say'), t('reset'))) {
      await act(async () => code(user.id, (await api.post(`/api/v1/users/${user.id}/reset`)).code));
    }
  };
  const remove = async (user) => {
    if (!(await confirmed(t('remove_title', {user: user.id}), t('remove_say'), t('remove'), 'danger'))) return;
    await act(async () => {
      await api.del(`/api/v1/users/${user.id}`);
      context.say(t('removed', {user: user.id}));
    });
  };

  const id = h('input', {type: 'text', required: true, maxlength: 32, pattern: '[a-z0-9][a-z0-9\\-]*', placeholder: t('id_hint'), autocapitalize: 'none', autocomplete: 'off', spellcheck: 'false'});
  const name = h('input', {type: 'text', maxlength: 100, autocomplete: 'off'});
  const role = h('select', ROLES.map((one) => h('option', {value: one}, t(one))));
  const form = h('form.row.card', {onsubmit: (event) => {
    event.preventDefault();
    const user = id.value.trim().toLowerCase();
    act(async () => {
      const made = await api.post('/api/v1/users', {id: user, name: name.value.trim(), role: role.value});
      form.reset();
      await code(made.user, made.code);
    });
  }}, h('h2', t('add')), h('label', h('span', t('id')), id), h('label.grow', h('span', t('name')), name), h('label', h('span', t('role')), role), h('button.primary', {type: 'submit'}, t('add_do')));

  root.append(h('h1', t('title')), h('p.soft', t('about')), list, form,
    h('section.card', h('h2', t('roles')), h('dl.panel-values', ROLES.map((one) => [h('dt', t(one)), h('dd', t(`${one}_may`))]))));
  draw();
  return () => { over = true; };
}

/** Shows a code once; it is nowhere kept. */
async function code(user, text) {
  const said = h('p.small', {role: 'status'});
  const copy = h('button', {type: 'button', onclick: async () => {
    await navigator.clipboard.writeText(text).then(() => fill(said, t('copied')), () => getSelection().selectAllChildren(shown));
  }}, t('copy'));
  const shown = h('output.one-time', text);
  await ask(t('code_title', {user}), [shown, h('p', copy), said, h('p', t('code_say')), h('p', t('code_where'))], [{label: t('done'), kind: 'primary', value: true}]);
}
