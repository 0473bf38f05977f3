// Requests models with the NATS client of Node. usage: node request.mjs '{"productId": 0}'
import { connect } from '@nats-io/transport-node';

const [body] = process.argv.slice(2);
const connection = await connect({ servers: process.env.NATS_URL });
connection.publish('factory.retrain.requested', body);
await connection.drain(); // waits until the server has received it
console.log('asked:', body);
