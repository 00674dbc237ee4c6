// A server and a dialer in Go, as its users write them: run_go serve ADDRESS | run_go dial ADDRESS SECONDS.
// The dialer prints how many connections it made and used in a second.
package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

const parallel = 8

func serve(listener net.Listener) {
	for {
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			var data [1]byte
			if _, err := io.ReadFull(connection, data[:]); err == nil {
				connection.Write(data[:])
			}
			connection.Close()
		}()
	}
}

// One connection, one byte there and back. Closed by a reset, so that no port is left in TIME_WAIT.
func dial(address string) error {
	connection, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	defer connection.Close()
	var data [1]byte
	if _, err = connection.Write(data[:]); err != nil {
		return err
	}
	_, err = io.ReadFull(connection, data[:])
	connection.(*net.TCPConn).SetLinger(0)
	return err
}

func main() {
	if os.Args[1] == "serve" {
		listener, err := net.Listen("tcp4", os.Args[2])
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		serve(listener)
	}
	seconds, _ := strconv.ParseFloat(os.Args[3], 64)
	var made, failed int64
	var all sync.WaitGroup
	start := time.Now()
	for i := 0; i < parallel; i++ {
		all.Add(1)
		go func() {
			defer all.Done()
			for time.Since(start).Seconds() < seconds {
				if dial(os.Args[2]) == nil {
					atomic.AddInt64(&made, 1)
				} else {
					atomic.AddInt64(&failed, 1)
				}
			}
		}()
	}
	all.Wait()
	if failed > 0 {
		fmt.Fprintf(os.Stderr, "%d connections failed\n", failed)
		os.Exit(1)
	}
	fmt.Printf("%.0f\n", float64(made)/time.Since(start).Seconds())
}
