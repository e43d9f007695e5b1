// SPDX-License-Identifier: BSD-3-Clause
#include "worker.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef _OPENMP
#include <omp.h>
#endif

#include <cmath>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace race {

namespace {

using nlohmann::json;

std::string packed(const Performance& p) {
  const json error = std::isfinite(p.error) ? json(p.error) : json();  // JSON has no NaN
  return json{static_cast<int>(p.finish), p.status, p.seconds, error, p.steps, p.iterations, p.threads}.dump();
}

Performance unpacked(const std::string& line) {
  const json p = json::parse(line);
  return {.finish = static_cast<Finish>(p[0].get<int>()),
          .status = p[1],
          .seconds = p[2],
          .error = p[3].is_null() ? std::nan("") : p[3].get<double>(),
          .steps = p[4],
          .iterations = p[5],
          .threads = p[6]};
}

const Contestant* find(const std::vector<Contest>& contests, const std::string& problem, const std::string& solver) {
  for (const Contest& contest : contests)
    for (const Contestant& contestant : contest.contestants)
      if (contest.name == problem && contestant.name == solver) return &contestant;
  return nullptr;
}

/// The worker's threads one per core, as Kokkos recommends: this process may be bound to a core of its own, which a child would
/// inherit; unbound a team that slept may wake on one core, and share it for some milliseconds.
void release_cores() {
#ifdef __linux__
  cpu_set_t all;
  CPU_ZERO(&all);
  for (int core = 0; core < CPU_SETSIZE; ++core) CPU_SET(core, &all);
  sched_setaffinity(0, sizeof(all), &all);
#endif
  setenv("OMP_PROC_BIND", "spread", 1);
  setenv("OMP_PLACES", "threads", 1);
}

}  // namespace

void set_threads([[maybe_unused]] int threads) {
#ifdef _OPENMP
  omp_set_num_threads(threads);
#endif
}

Worker::Worker(int threads) {
  std::signal(SIGPIPE, SIG_IGN);  // a worker that has died is an exception, not the end of the race
  int to_worker[2], from_worker[2];
  if (pipe2(to_worker, O_CLOEXEC) != 0 || pipe2(from_worker, O_CLOEXEC) != 0)
    throw std::runtime_error("no pipe to a second process: too many open files");
  process_ = fork();
  if (process_ < 0) throw std::runtime_error("no second process for a second number of threads: leave --threads out");
  if (process_ == 0) {
    dup2(to_worker[0], STDIN_FILENO);
    dup2(from_worker[1], STDOUT_FILENO);
    release_cores();
    const std::string count = std::to_string(threads);
    execl("/proc/self/exe", "stiff_race", "--serve", "--threads", count.c_str(), static_cast<char*>(nullptr));
    _exit(127);
  }
  close(to_worker[0]);
  close(from_worker[1]);
  requests_ = fdopen(to_worker[1], "w");
  answers_ = fdopen(from_worker[0], "r");
}

Worker::~Worker() {
  std::fclose(requests_);  // ends serve()
  std::fclose(answers_);
  waitpid(process_, nullptr, 0);
}

Performance Worker::run(const std::string& problem, const std::string& solver, double rtol, double time_limit) {
  std::fprintf(requests_, "%s\n", json{problem, solver, rtol, time_limit}.dump().c_str());
  std::fflush(requests_);
  std::string line;
  for (int c = std::fgetc(answers_); c != '\n'; c = std::fgetc(answers_)) {
    if (c == EOF) throw std::runtime_error("the second process died in " + solver + " on " + problem);
    line += static_cast<char>(c);
  }
  return unpacked(line);
}

void serve(const std::vector<Contest>& contests) {
  for (std::string line; std::getline(std::cin, line);) {
    const json request = json::parse(line);
    const Contestant* const contestant = find(contests, request[0], request[1]);
    if (!contestant) throw std::runtime_error("no such solver or problem: " + line);
    std::cout << packed(contestant->run(request[2], request[3])) << std::endl;
  }
}

}  // namespace race
