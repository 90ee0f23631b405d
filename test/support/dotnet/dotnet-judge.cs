// Holds named mutexes as any .NET program does, and does what stdin says, line by line: see dotnet.ts.
using System;
using System.Collections.Generic;
using System.Threading;

var held = new Dictionary<string, Mutex>();
Console.WriteLine("ready");
for (string? line; (line = Console.ReadLine()) != null;)
{
    string[] words = line.Split(' ');
    Console.WriteLine(Answer(words[0], words[1]));
}

string Answer(string verb, string name)
{
    try
    {
        switch (verb)
        {
            case "open":
                held[name] = new Mutex(false, name, out bool created);
                return created ? "created" : "opened";
#if NET10_0_OR_GREATER
            case "open-own":
                var options = new NamedWaitHandleOptions { CurrentUserOnly = true, CurrentSessionOnly = false };
                held[name] = new Mutex(false, name, options, out bool made);
                return made ? "created" : "opened";
#endif
            case "lock":
                return held[name].WaitOne(200) ? "locked" : "timeout";
            case "unlock":
                held[name].ReleaseMutex();
                return "unlocked";
            case "close":
                held[name].Dispose();
                held.Remove(name);
                return "closed";
            default:
                return "error unknown verb";
        }
    }
    catch (AbandonedMutexException)
    {
        return "abandoned";
    }
    catch (Exception error)
    {
        return $"error {error.GetType().Name} {error.Message.ReplaceLineEndings(" ")}";
    }
}
