import { holdAgainst } from '../held-against.js';
import { monit } from '../systems/monit.js';
import { pm2AtLength } from '../systems/pm2.js';
import { systemd } from '../systems/systemd.js';

holdAgainst(systemd, monit, pm2AtLength);
