/** Agents, as far as records tell: who answered which call. Who is signed in, only the PBX knows. */
import type { AgentShown } from './view-model.ts';

const AGENTS_AT_MOST = 1_000;
/** An agent who has answered nothing for so long is not shown. */
const SHOWN_FOR_MS = 8 * 60 * 60 * 1000;

interface Agent extends AgentShown {
  readonly callId: string | null;
}

export class Agents {
  /** Whoever was idle longest stands first. */
  readonly #agents = new Map<string, Agent>();

  answered(name: string, to: string, callId: string, at: number): void {
    const answered = (this.#agents.get(name)?.answered ?? 0) + 1;
    this.#set({ name, to, talkingSince: at, answered, lastAt: at, callId });
  }

  /** The call is over, or another agent has it now. */
  left(callId: string, name: string | null, at: number): void {
    const agent = name === null ? undefined : this.#agents.get(name);
    if (agent?.callId === callId) this.#set({ ...agent, talkingSince: null, lastAt: at, callId: null });
  }

  shown(now: number): readonly AgentShown[] {
    const late = [...this.#agents.values()].filter(
      ({ talkingSince, lastAt }) => talkingSince !== null || now - lastAt < SHOWN_FOR_MS,
    );
    return late.map(({ callId: _, ...shown }) => shown).sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  #set(agent: Agent): void {
    this.#agents.delete(agent.name);
    this.#agents.set(agent.name, agent);
    const [oldest] = this.#agents.keys();
    if (this.#agents.size > AGENTS_AT_MOST && oldest !== undefined) this.#agents.delete(oldest);
  }
}
