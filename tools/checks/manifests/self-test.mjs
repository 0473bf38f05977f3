import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../workspace/root.mjs';
import { faultText } from './fault.mjs';
import { inspect } from './inspect.mjs';

/**
 * A replacement in a file of the manifests.
 *
 * @typedef {object} Change
 * @property {string} file
 * @property {string} from empty: the file is new
 * @property {string} to
 *
 * @typedef {Change & {name: string, also?: Change, found: string}} PlantedFault `found` must be in a fault's text
 */

/** @type {readonly PlantedFault[]} Faults as people make them. */
const PLANTED = [
  {
    name: 'typo in the name of a variable',
    file: 'k8s/base/evaluator/settings.env',
    from: 'CONCURRENCY=',
    to: 'CONCURENCY=',
    found: 'evaluator/settings.env: data.CONCURENCY = "CONCURENCY": no such variable in evaluator',
  },
  {
    name: 'value that the service refuses',
    file: 'k8s/base/trainer/settings.env',
    from: 'ENGINE=auto',
    to: 'ENGINE=cuda',
    found: 'data.ENGINE = "cuda": trainer refuses it',
  },
  {
    name: 'required variable that is gone',
    file: 'k8s/base/settings/settings.env',
    from: 'S3_BUCKET=propensity-factory',
    to: '',
    found: 'env = "S3_BUCKET": sampling does not start without it',
  },
  {
    name: 'secret in plain text',
    file: 'k8s/base/sampling/settings.env',
    from: 'CONCURRENCY=',
    to: 'VISITOR_HASH_KEY=everybody-knows-it\nCONCURRENCY=',
    also: {
      file: 'k8s/base/sampling/deployment.yaml',
      from: '            - name: VISITOR_HASH_KEY',
      to: '            - name: SERVICE_INSTANCE',
    },
    found: 'data.VISITOR_HASH_KEY = "***": VISITOR_HASH_KEY is a secret',
  },
  {
    name: 'wrong consumer',
    file: 'k8s/base/evaluator/deployment.yaml',
    from: 'FACTORY/evaluator',
    to: 'FACTORY/evaluators',
    found: 'consumers = "FACTORY/evaluators": evaluator takes its messages from FACTORY/evaluator',
  },
  {
    name: 'wrong consumer and stream of a scaler',
    file: 'k8s/base/publisher/configmap.yaml',
    from: '',
    to: 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: scaler\ndata:\n  stream: FACTORIES\n  consumer: trainer-gpu\n',
    also: {
      file: 'k8s/base/publisher/kustomization.yaml',
      from: '  - deployment.yaml',
      to: '  - deployment.yaml\n  - configmap.yaml',
    },
    found: 'publisher/configmap.yaml: data.consumer = "trainer-gpu": use one of data-prep-requests',
  },
  {
    name: 'pool that nothing provisions',
    file: 'k8s/base/trainer/settings.env',
    from: 'POOLS=default',
    to: 'POOLS=default,spare',
    found: 'data.POOLS = "spare": add it to TRAINER_POOLS',
  },
  {
    name: 'unknown field',
    file: 'k8s/base/sampling/deployment.yaml',
    from: 'minReadySeconds: 5',
    to: 'minReadySecond: 5',
    found: 'sampling/deployment.yaml: spec.minReadySecond = 5: Object literal may only specify known',
  },
  {
    name: 'unknown field deep inside',
    file: 'k8s/base/publisher/deployment.yaml',
    from: '            periodSeconds: 2',
    to: '            periodSecs: 2',
    found: 'containers.0.startupProbe.periodSecs = 2: Object literal may only specify known',
  },
  {
    name: 'value of a wrong type',
    file: 'k8s/base/evaluator/deployment.yaml',
    from: 'replicas: 1',
    to: 'replicas: one',
    found: 'spec.replicas = "one": must be integer',
  },
  {
    name: 'port that nobody listens on',
    file: 'k8s/base/data-prep/deployment.yaml',
    from: 'containerPort: 3000',
    to: 'containerPort: 3001',
    found: 'ports.0.containerPort = 3001: write 3000',
  },
  {
    name: 'liveness that depends on servers',
    file: 'k8s/base/sampling/deployment.yaml',
    from: '          livenessProbe:\n            httpGet:\n              path: /health/live',
    to: '          livenessProbe:\n            httpGet:\n              path: /health/ready',
    found: 'livenessProbe.httpGet.path = "/health/ready": write "/health/live"',
  },
  {
    name: 'killed before it has drained',
    file: 'k8s/base/trainer/deployment.yaml',
    from: 'terminationGracePeriodSeconds: 90',
    to: 'terminationGracePeriodSeconds: 60',
    found: 'terminationGracePeriodSeconds = 60: more than 60 s',
  },
  {
    name: 'image of no app',
    file: 'k8s/base/provision/job.yaml',
    from: 'image: propensity-factory/cli',
    to: 'image: propensity-factory/client',
    found: 'containers.0.image = "client": use the image of',
  },
  {
    name: 'variable that is set twice',
    file: 'k8s/base/data-prep/deployment.yaml',
    from: '          env:\n',
    to: '          env:\n            - name: NATS_URL\n              value: nats://other:4222\n',
    found: 'containers.0.env.1 = "NATS_URL": is there already',
  },
  {
    name: 'ConfigMap that is read twice',
    file: 'k8s/base/evaluator/deployment.yaml',
    from: '          envFrom:\n',
    to: '          envFrom:\n            - configMapRef:\n                name: factory-settings\n',
    found: 'evaluator/deployment.yaml: spec.template.spec.containers.0.envFrom.1 = ',
  },
  {
    name: 'port that is there twice',
    file: 'k8s/base/publisher/deployment.yaml',
    from: '              containerPort: 3000\n',
    to: '              containerPort: 3000\n            - name: other\n              containerPort: 3000\n',
    found:
      'publisher/deployment.yaml: spec.template.spec.containers.0.ports.1 = "3000/TCP": is there already',
  },
  {
    name: 'name of a port that is there twice',
    file: 'k8s/base/trainer/deployment.yaml',
    from: '              containerPort: 3000\n',
    to: '              containerPort: 3000\n            - name: http\n              containerPort: 3009\n',
    found: 'trainer/deployment.yaml: spec.template.spec.containers.0.ports.1 = "http": is there already',
  },
  {
    name: 'two mounts at one path, one of no volume',
    file: 'k8s/base/sampling/deployment.yaml',
    from: '          volumeMounts:\n',
    to: '          volumeMounts:\n            - name: nothing\n              mountPath: /etc/factory/\n',
    found: 'containers.0.volumeMounts.0 = "nothing": no such volume: use one of sources',
  },
  {
    name: 'volumes of one name',
    file: 'k8s/base/sampling/deployment.yaml',
    from: '      volumes:\n',
    to: '      volumes:\n        - name: sources\n          emptyDir: {}\n',
    found: 'sampling/deployment.yaml: spec.template.spec.volumes.1 = "sources": is there already',
  },
  {
    name: 'volume that nobody mounts',
    file: 'k8s/base/publisher/deployment.yaml',
    from: '      containers:\n',
    to: '      volumes:\n        - name: scratch\n          emptyDir: {}\n      containers:\n',
    found: 'publisher/deployment.yaml: spec.template.spec.volumes.0 = "scratch": mount it or remove it',
  },
  {
    name: 'container that no rule looks at',
    file: 'k8s/base/provision/job.yaml',
    from: '      containers:\n',
    to: '      initContainers:\n        - name: wait\n          image: busybox\n      containers:\n',
    found: 'provision/job.yaml: spec.template.spec.initContainers.0 = "wait": a pod has one container',
  },
  {
    name: 'containers of one name',
    file: 'k8s/base/evaluator/deployment.yaml',
    from: '              drop: [ALL]\n',
    to: '              drop: [ALL]\n        - name: evaluator\n          image: propensity-factory/evaluator\n',
    found:
      'evaluator/deployment.yaml: spec.template.spec.containers.1 = "evaluator": a pod has one container',
  },
  {
    name: 'limit below the request',
    file: 'k8s/base/data-prep/deployment.yaml',
    from: '            limits:\n              memory: 512Mi',
    to: '            limits:\n              memory: 200M',
    found:
      'data-prep/deployment.yaml: spec.template.spec.containers.0.resources.limits.memory = "200M": at least the request, 256Mi',
  },
  {
    name: 'limit without a request',
    file: 'k8s/base/publisher/deployment.yaml',
    from: '            limits:\n',
    to: '            limits:\n              ephemeral-storage: 1Gi\n',
    found: 'resources.limits.ephemeral-storage = "1Gi": request ephemeral-storage too',
  },
  {
    name: 'rules.yaml that no service would take',
    file: 'k8s/base/rules/rules.yaml',
    from: '{}\n',
    to: 'verdict: { freshAfterDays: 0 }\n',
    found: 'rules/rules.yaml: verdict.freshAfterDays = 0: give days above 0',
  },
  {
    name: 'sources.yaml that no service would take',
    file: 'k8s/base/sources/sources.yaml',
    from: 'defaultGoal: sale',
    to: 'defaultGoal: sales',
    found: 'sources/sources.yaml: sources.main.defaultGoal = "sales": use one of sale',
  },
  {
    name: 'base image without a version',
    file: 'docker/Dockerfile',
    from: 'FROM node:24-slim\n',
    to: 'FROM node\n',
    found: 'DL3006',
  },
];

/**
 * Plants every fault in one copy of the manifests and looks at it.
 *
 * @param {import('./inspect.mjs').Tools} tools
 * @returns {Promise<string[]>} what was planted and not found
 */
export async function selfTest(tools) {
  const copy = join(root, '.cache', 'manifests', 'planted');
  rmSync(copy, { recursive: true, force: true });
  mkdirSync(copy, { recursive: true });
  for (const folder of ['k8s', 'docker']) cpSync(join(root, folder), join(copy, folder), { recursive: true });
  const unplanted = PLANTED.flatMap(({ also, ...fault }) => [fault, ...(also ? [also] : [])])
    .filter((change) => !plant(copy, change))
    .map(({ file, from }) => `${file} no longer holds ${JSON.stringify(from)}: plant the fault elsewhere`);
  const { faults } = await inspect(copy, ['k8s/base'], tools);
  const texts = faults.map(faultText);
  const missed = PLANTED.filter(({ found }) => !texts.some((text) => text.includes(found)));
  return [...unplanted, ...missed.map(({ name, file }) => `${name}, planted in ${file}, was not found`)];
}

/**
 * @param {string} copy
 * @param {Change} change
 * @returns {boolean} false when the text to replace isn't there
 */
function plant(copy, { file, from, to }) {
  const path = join(copy, file);
  const text = from === '' ? '' : readFileSync(path, 'utf8');
  writeFileSync(path, from === '' ? to : text.replace(from, to));
  return text.includes(from);
}
