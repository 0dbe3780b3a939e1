/** `hotline-fallback.conf`: the fallback dialplan in the language of Asterisk's `extensions.conf`. Pure. */
import { formatPlan } from '../../routing/format-plan.ts';
import type { Region, Table } from '../../routing/table.ts';
import { routesIn } from '../enumerated-routes.ts';
import { fallbackContexts, type Plans, plainText } from '../fallback.ts';
import { planLines } from './plan.ts';
import { regions } from './regions.ts';
import { context, type Extension } from './text.ts';

export interface FallbackOptions {
  /** Folder of the prompts as Asterisk sees it. */
  readonly promptsDir: string;
  /** The clock that hours and dates are taken by. */
  readonly at: Date;
}

const inRegion = (table: Table, region: Region, plans: Plans, at: Date): string => {
  const label = plainText(region.name);
  const extensions = routesIn(table, region, at).map(({ number, plan }): Extension => {
    const step = `Gosub(hotline-fallback-present,${number},1(${label},${plans.nameOf(plan)}))`;
    return { exten: number, steps: [step] };
  });
  return context(`hotline-fallback-in-${region.id}`, `Where calls of ${label} go.`, extensions);
};

/**
 * ARG1: the region's name, ARG2: the plan. A withheld number is shown as anonymous, or the name would be hidden too.
 *
 * A caller who has heard a prompt or ringing must not come into a native RTP bridge: Asterisk then passes the agent's
 * packets on in the same SSRC with sequence numbers of their own, and where those lie behind (every second call) the
 * caller's side takes them for late ones and plays none. A jitter buffer keeps the call out of it.
 */
const present = context(
  'hotline-fallback-present',
  "What the agent's phone shows: the hotline, and the city as ARG1.",
  [
    {
      exten: '_X!',
      steps: [
        `Set(__HOTLINE_NUMBER=\${EXTEN})`,
        `Set(__HOTLINE_CALL=\${UNIQUEID})`,
        `Set(CALLERID(num)=\${IF($[\${LEN(\${FILTER(0-9,\${CALLERID(num)})})} = 0]?anonymous:\${CALLERID(num)})})`,
        `Set(CALLERID(name)=\${EXTEN} \${ARG1})`,
        'Set(CALLERID(pres)=allowed)',
        'Set(JITTERBUFFER(adaptive)=default)', // keeps native RTP away, see above
        `Goto(hotline-fallback-plans,\${ARG2},1)`,
      ],
    },
  ],
);

/** The whole file. */
export const fallbackConf = (whole: Table, { promptsDir, at }: FallbackOptions): string => {
  const contexts = fallbackContexts(whole, at, {
    comment: (words) => `; ${words}\n`,
    regions,
    linesOf: (table, plan) => planLines(table, promptsDir, plan),
    inRegion,
    present,
    plans: (table, plans) => {
      const extensions = plans.map(({ name, plan }): Extension => {
        return { exten: name, steps: planLines(table, promptsDir, plan), comment: formatPlan(plan) };
      });
      return context('hotline-fallback-plans', 'Each distinct plan, once.', extensions);
    },
  });
  return contexts.join('\n');
};
