import { memoryRig } from './memory-rig.ts';
import { switchContract } from './switch-contract.ts';

switchContract('the in-memory switch', memoryRig);
