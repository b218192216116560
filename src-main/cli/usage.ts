/** Wrong usage of the command line: exit code 2. */
export class UsageError extends Error {}

/** What `--help` prints. */
export const usage = `deltascope: why did the model learn to say this?

  record RECIPE.json --into DIR [--json]     train and record; goes on with an unfinished run
  verify DIR --json FILE                     integrity of every file and each layer's certificate
  examples DIR [--split test|train] [--filter misclassified|suspects|correct|all] [--json FILE]
                                             what the final network says of the examples
  explain DIR --example SPLIT:N… [--layer NAME|all] [--target representation|learned|margin:A:B]
          [--unit update|credit] [--split equal|exact] [--top K] --json FILE
  architecture DIR [--examples N] [--retrain INTO [--without NAME…] [--seeds N]] --json FILE
                                             how class-specific each layer's updates are
  report DIR --example SPLIT:N… [--target …] [--unit …] --pdf FILE | --into FOLDER
         [--kind explanation|run|architecture] [--mode aggregates] [--examples N] [--compare DIR [--seeds N]]
         [--examples-file FILE] [--statement FILE] [--scorecard FILE]
                                             the PDF report, or one of each example
  release DIR --out FILE [--at-least N] [--noise EPSILON] [--examples N] [--approve OUTPUT…]
                                             the file of aggregates that may leave the run
  privacy DIR [--mode examples|aggregates] [--at-least N] [--by NAME] [--reason TEXT] [--json FILE]
                                             what a run's owner allows, and what was disclosed of it
  export weights DIR --step T --out F.safetensors
  export updates DIR --layer NAME --steps A:B --out F.safetensors
  export batches DIR --out F.jsonl
  repack DIR --setting fast|compact|lossless          pack a finished run's trace anew, smaller
  import KIND PATH --name NAME [--test-fraction F] [--size HxW] [--json FILE]
                                             take a data set in; import alone names the kinds
  data [--json FILE]                         data sets there are
  data rename NAME TO, data remove NAME      of imported ones
  models [--json FILE]                       models there are, with their layers and defaults
  runs [FOLDER] [--json FILE]                runs in a folder (default: ~/Deltascope)
  doctor [--json FILE]                       what is on this machine and what to do about lacks
  sample --into DIR                          the sample audit: record, explain, report, pictures
  scorecard [--seeds N] [--recording mini-batches|class-batches] [--json FILE]
                                             how well the method does where the answers are known
  bench record --model M --batch B --steps N [--recording MODE] [--codec CODEC] --json FILE
  bench storage --model M --batch B --steps N --json FILE
  bench explain DIR --queries K --json FILE

Results go to the file given, or with - to standard output; progress goes to standard error.
Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.`;
