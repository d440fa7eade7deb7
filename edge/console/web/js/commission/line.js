/** A line that the gateway does not know yet. */

import {h} from '../dom.js';
import {form} from '../parts/fields.js';

const KINDS = ['rtu', 'tcp', 'rtu_over_tcp', 'serial'];

export function line(work) {
  const {t} = work;
  const made = form({
    draft: 'gianh.commission.line', words: t, label: t('bus_save'),
    refused: (error) => {
      const {field, text} = work.refused(error);
      return {field: field === 'id' || field === 'kind' ? `bus_${field}` : field, text};
    },
    fields: [
      {name: 'bus_id', label: t('bus_id'), kind: 'id', must: true, value: 'line-1'},
      {name: 'bus_kind', label: t('bus_kind'), kind: 'choice', must: true, options: KINDS.map((one) => [one, t(`kind_${one}`)])},
      {name: 'host', label: t('host'), hint: t('host_hint')},
      {name: 'port', label: t('port'), hint: t('port_hint')},
      {name: 'baudrate', label: t('baudrate'), hint: t('baudrate_hint'), kind: 'number', min: 300, max: 4_000_000},
      {name: 'parity', label: t('parity'), kind: 'choice', options: [['', t('parity_default')], ['N', 'N'], ['E', 'E'], ['O', 'O']]},
    ],
    send: async ({bus_id: id, bus_kind: kind, port, ...rest}) => {
      const number = /^\d+$/.test(port ?? '') ? Number(port) : port;
      await work.act('put', 'bus', {id, kind, ...rest, ...(port ? {port: number} : {})});
      work.say(t('bus_saved', {bus: id}));
    },
  });
  const suit = () => {
    const net = ['tcp', 'rtu_over_tcp'].includes(made.input('bus_kind').value);
    made.input('host').closest('.field').hidden = !net;
    for (const name of ['baudrate', 'parity']) made.input(name).closest('.field').hidden = made.input('bus_kind').value === 'tcp';
  };
  made.input('bus_kind').addEventListener('change', suit);
  suit();
  return [h('h3', t('bus_add')), made.node];
}
