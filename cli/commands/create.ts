import { action, examples, type CommandModule } from '../command.ts';
import type { Context } from '../context.ts';
import { clearAway, createContainer } from '../containers/create.ts';
import { addLaunchOptions, checkConsole, createOptions, type LaunchOptions } from '../containers/launch.ts';
import { writePidFile } from '../containers/pid-file.ts';
import { bundleSource } from '../containers/source.ts';
import { checkId } from '../../oci/id.ts';
import { Interrupts } from '../signals/interrupts.ts';

export const create: CommandModule = {
  define: (command) =>
    addLaunchOptions(command)
      .description(
        'Makes a container from a bundle: its file system, namespaces and limits stand, its program waits for\n' +
          "'runstate start'. Unless annotations put it into an existing sandbox, it gets one of its own, which a\n" +
          'supervisor in the background hosts.\n\n' +
          'Annotations (containerd, CRI-O): io.kubernetes.cri.container-type=container with\n' +
          'io.kubernetes.cri.sandbox-id, or io.kubernetes.cri-o.ContainerType and io.kubernetes.cri-o.SandboxID.',
      )
      .argument('<id>', 'a name that no other container of this --root has')
      .addHelpText(
        'after',
        examples(
          ['Write a config.json, then make a container from it', 'runstate spec && runstate create c1'],
          [
            'From a bundle elsewhere, noting its process',
            'runstate create --bundle /srv/web --pid-file /run/web.pid web',
          ],
        ),
      )
      .action(action(createCommand)),
};

async function createCommand(context: Context, id: string, options: LaunchOptions): Promise<void> {
  checkId(id);
  const source = await bundleSource(id, options.bundle, false);
  checkConsole({ terminal: source.terminal, detached: true, consoleSocket: options.consoleSocket });
  using interrupts = new Interrupts();
  const made = await createContainer(
    context,
    source,
    createOptions(options, options.consoleSocket),
    interrupts.signal,
  );
  try {
    // The last step: who waits for the file may start the container at once.
    if (options.pidFile !== undefined) writePidFile(options.pidFile, made.state.pid);
  } catch (error) {
    await clearAway(id, error, made.destroy);
    throw error;
  } finally {
    made.client.close();
  }
}
